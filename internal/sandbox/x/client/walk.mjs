// Walks through the sandbox with twitter-api-v2, a client that many programs use, and prints what it was answered as JSON. The
// client signs for https://api.x.com, as it would for X itself; only its connections are led to the sandbox.
//
//   node walk.mjs HOST PORT KEYS PICTURE
import { readFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { TwitterApi } from "twitter-api-v2";

const [host, port, keys, picture] = process.argv.slice(2);
const { consumer_key, consumer_secret, access_token, access_secret } = JSON.parse(keys);
const agent = new http.Agent({ keepAlive: false });
agent.protocol = "https:"; // what the client asks for; the sandbox stands where TLS has ended
agent.createConnection = () => net.connect(Number(port), host);

const login = { appKey: consumer_key, appSecret: consumer_secret, accessToken: access_token, accessSecret: access_secret };
const client = new TwitterApi(login, { httpAgent: agent });
const out = { errors: {} };

// refused runs something that must fail, and keeps what the client makes of the error.
async function refused(what, run) {
  try {
    await run();
    out.errors[what] = "accepted";
  } catch (e) {
    out.errors[what] = `${e.code} ${e.data?.type ?? e.data?.errors?.[0]?.code} ${e.data?.detail ?? ""}`.trim();
  }
}

const me = await client.v2.me({ "user.fields": ["public_metrics"] });
out.me = [me.data.id, me.data.username, me.data.public_metrics.followers_count];

const bytes = await readFile(picture);
const media = await client.v2.uploadMedia(bytes, { media_type: "image/png", media_category: "tweet_image" }, 500);
await client.v2.createMediaMetadata(media, { alt_text: { text: "A blue heart: «bleu»" } });
const text = "30 July 👩🏽‍🚒: learn more at https://hope.org/help?a=1&b=2 & <call> @other #EndHumanTrafficking";
const made = await client.v2.tweet(text, { media: { media_ids: [media] } });
out.id = made.data.id;
const reply = await client.v2.reply("Two.", made.data.id);

const one = await client.v2.singleTweet(made.data.id, {
  "tweet.fields": ["created_at", "entities", "public_metrics", "attachments", "referenced_tweets"],
  expansions: ["attachments.media_keys"],
  "media.fields": ["alt_text", "width"],
});
out.alt = one.includes.media[0].alt_text;
out.width = one.includes.media[0].width;
out.created = one.data.created_at;
out.likes = one.data.public_metrics.like_count;
let sent = one.data.text;
for (const u of one.data.entities.urls) {
  const named = [...one.data.text].slice(u.start, u.end).join("");
  if (named !== u.url) out.errors.place = `${named} is not ${u.url}`;
  sent = sent.replace(u.url, u.media_key ? "" : u.expanded_url);
}
out.sent = sent.trim().replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&") === text;

const timeline = await client.v2.userTimeline(me.data.id, { max_results: 5, "tweet.fields": ["referenced_tweets"] });
out.timeline = timeline.tweets.map((t) => [t.id === reply.data.id, t.referenced_tweets?.[0]?.type ?? null]);
const both = await client.v2.tweets([made.data.id, "12"]);
out.several = [both.data.length, both.errors[0].resource_id];
out.rate = (await client.v2.get("users/me", {}, { fullResponse: true })).rateLimit.limit;

await refused("the same again", () => client.v2.tweet(text));
await refused("too long", () => client.v2.tweet("x".repeat(281)));
await refused("no such picture", () => client.v2.tweet("x", { media: { media_ids: ["12"] } }));
await refused("a field that is none", () => client.v2.post("tweets", { text: "x", status: "y" }));
await refused("version 1.1", () => client.v1.tweet("Hello."));
await refused("a wrong secret", () => new TwitterApi({ ...login, accessSecret: "x" }, { httpAgent: agent }).v2.me());
out.who = (await client.v1.verifyCredentials()).screen_name;
out.deleted = (await client.v2.deleteTweet(reply.data.id)).data.deleted;

const flow = new TwitterApi({ appKey: consumer_key, appSecret: consumer_secret }, { httpAgent: agent });
const link = await flow.generateAuthLink("https://elsewhere.example/back");
const decided = await fetch(`http://${host}:${port}/oauth/authorize`, {
  method: "POST",
  redirect: "manual",
  body: new URLSearchParams({ oauth_token: link.oauth_token, account: "hope" }),
});
const back = new URL(decided.headers.get("location"));
const pending = new TwitterApi(
  { appKey: consumer_key, appSecret: consumer_secret, accessToken: link.oauth_token, accessSecret: link.oauth_token_secret },
  { httpAgent: agent },
);
const granted = await pending.login(back.searchParams.get("oauth_verifier"));
out.granted = granted.screenName;

console.log(JSON.stringify(out));
