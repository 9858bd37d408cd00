// Walks through the sandbox with masto, a client that many programs use, and prints what it was answered as JSON.
//
//   node walk.mjs ADDRESS TOKEN PICTURE
import { readFile } from "node:fs/promises";
import { createOAuthAPIClient, createRestAPIClient } from "masto";

const [address, token, picture] = process.argv.slice(2);
const out = { errors: {} };

// refused runs something that must fail, and keeps what the client makes of the error.
async function refused(what, run) {
  try {
    await run();
    out.errors[what] = "accepted";
  } catch (e) {
    out.errors[what] = `${e.statusCode} ${e.message}`;
  }
}

// The code flow, as a program does it that was never here before.
const anyone = createRestAPIClient({ url: address });
const back = "https://elsewhere.example/back";
const scopes = "read:accounts read:statuses write:statuses write:media write:favourites";
const app = await anyone.v1.apps.create({ clientName: "Elsewhere", redirectUris: back, scopes, website: "https://elsewhere.example" });
const decided = await fetch(`${address}/oauth/authorize`, {
  method: "POST",
  redirect: "manual",
  body: new URLSearchParams({ response_type: "code", client_id: app.clientId, redirect_uri: back, scope: scopes, state: "s 1", account: "hope" }),
});
const there = new URL(decided.headers.get("location"));
out.state = there.searchParams.get("state");
const oauth = createOAuthAPIClient({ url: address });
const redeem = { grantType: "authorization_code", clientId: app.clientId, clientSecret: app.clientSecret, redirectUri: back, code: there.searchParams.get("code") };
const given = await oauth.token.create(redeem);
out.given = [given.tokenType, given.scope === scopes];
await refused("a code twice", () => oauth.token.create(redeem));

const client = createRestAPIClient({ url: address, accessToken: given.accessToken });
out.app = (await client.v1.apps.verifyCredentials()).name;
const me = await client.v1.accounts.verifyCredentials();
out.me = [me.id, me.acct, me.displayName, me.followersCount, me.source.privacy];
const server = await client.v2.instance.fetch();
out.limits = [server.configuration.statuses.maxCharacters, server.configuration.statuses.charactersReservedPerUrl, server.configuration.mediaAttachments.descriptionLimit];
out.old = (await client.v1.instance.fetch()).configuration.statuses.maxMediaAttachments;

const bytes = await readFile(picture);
const upload = (more) => client.v2.media.create({ file: new File([bytes], "heart.png", { type: "image/png" }), ...more });
const media = await upload({ description: "A heart", focus: "0.5,-0.25" });
const better = await client.v1.media.$select(media.id).update({ description: "A blue heart: «bleu»" });
out.media = [media.type, media.meta.original.width, media.meta.focus.y, better.description, (await client.v1.media.$select(media.id).fetch()).description];
const shown = await fetch(media.url);
out.file = [shown.headers.get("content-type"), (await shown.arrayBuffer()).byteLength === bytes.length];

const text = "30 July 👩🏽‍🚒: learn more at https://hope.org/help?a=1&b=2 & <call> @other #EndHumanTrafficking #مساعدة";
const post = { status: text, mediaIds: [media.id], language: "en", visibility: "public", spoilerText: "Trafficking", sensitive: true };
const keyed = { requestInit: { headers: { "Idempotency-Key": "one" } } };
const made = await client.v1.statuses.create(post, keyed);
out.again = (await client.v1.statuses.create(post, keyed)).id === made.id;
out.id = made.id;
const reply = await client.v1.statuses.create({ status: "Part two", inReplyToId: made.id, language: "ar", visibility: "unlisted" });
const quiet = await client.v1.statuses.create({ status: "For nobody", visibility: "private", language: "en" });
out.reply = [reply.inReplyToId === made.id, reply.inReplyToAccountId === me.id, reply.language, reply.visibility];

await client.v1.statuses.$select(made.id).favourite();
const boost = await client.v1.statuses.$select(made.id).reblog();
out.boost = [boost.reblog.id === made.id, boost.content === boost.reblog.content];
const one = await client.v1.statuses.$select(made.id).fetch();
out.counts = [one.favouritesCount, one.reblogsCount, one.repliesCount, one.favourited, one.reblogged];
out.read = [one.createdAt, one.language, one.spoilerText, one.sensitive, one.visibility, one.application.name, one.account.id === me.id];
out.tags = one.tags.map((t) => [t.name, decodeURI(t.url) === `${address}/tags/${t.name}`]);
out.mentions = one.mentions.map((m) => m.acct);
out.alt = one.mediaAttachments.map((m) => m.description);
out.links = [...one.content.matchAll(/href="([^"]*)"/g)].map((m) => decodeURI(m[1]).replace(address, "").replaceAll("&amp;", "&"));
out.escaped = one.content.includes("&amp; &lt;call&gt;");
out.source = (await client.v1.statuses.$select(made.id).source.fetch()).text === text;
out.several = (await client.v1.statuses.list({ id: [made.id, "12", reply.id] })).map((s) => s.id === made.id);
out.unseen = (await anyone.v1.accounts.$select(me.id).statuses.list({ limit: 40 })).map((s) => s.id).includes(quiet.id);

// Page by page, by the addresses in the Link header.
const pages = [];
for await (const page of client.v1.accounts.$select(me.id).statuses.list({ limit: 2, excludeReblogs: true })) pages.push(page.map((s) => [made, reply, quiet].findIndex((x) => x.id === s.id)));
out.pages = pages;

const status = (more) => client.v1.statuses.create({ status: "Hello", ...more });
await refused("too long", () => status({ status: "x".repeat(501) }));
await refused("nothing", () => status({ status: " " }));
await refused("no such picture", () => status({ mediaIds: ["12"] }));
await refused("a picture twice", () => status({ mediaIds: [media.id] }));
await refused("an answer to nothing", () => status({ inReplyToId: "12" }));
await refused("a field that is none", () => status({ contentWarning: "x" }));
await refused("no language", () => status({ language: "english!" }));
await refused("a visibility that is none", () => status({ visibility: "everybody" }));
await refused("no picture at all", () => client.v2.media.create({ file: new File(["hello"], "x.png", { type: "image/png" }) }));
await refused("no such status", () => client.v1.statuses.$select("12").fetch());
await refused("no token", () => anyone.v1.statuses.create({ status: "Hello" }));
await refused("a wrong token", () => createRestAPIClient({ url: address, accessToken: "nobody" }).v1.accounts.verifyCredentials());
await refused("another's source", () => createRestAPIClient({ url: address, accessToken: token }).v1.statuses.$select(made.id).source.fetch());
await refused("another's status", () => createRestAPIClient({ url: address, accessToken: token }).v1.statuses.$select(made.id).remove());
const itself = await oauth.token.create({ grantType: "client_credentials", clientId: app.clientId, clientSecret: app.clientSecret, scope: "write:statuses" });
await refused("nobody's token", () => createRestAPIClient({ url: address, accessToken: itself.accessToken }).v1.statuses.create({ status: "Hello" }));
await refused("a scope that was not given", () => createRestAPIClient({ url: address, accessToken: itself.accessToken }).v1.accounts.$select(me.id).statuses.list());

out.unboosted = (await client.v1.statuses.$select(made.id).unreblog()).reblogsCount;
out.unliked = (await client.v1.statuses.$select(made.id).unfavourite()).favouritesCount;
out.gone = (await client.v1.statuses.$select(reply.id).remove()).text;
await refused("what is gone", () => client.v1.statuses.$select(reply.id).fetch());
out.left = (await client.v1.statuses.$select(made.id).fetch()).repliesCount;
await oauth.revoke({ clientId: app.clientId, clientSecret: app.clientSecret, token: given.accessToken });
await refused("a token that was given back", () => client.v1.accounts.verifyCredentials());
console.log(JSON.stringify(out));
