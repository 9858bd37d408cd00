// Walks through the sandbox with @atproto/api, the client that Bluesky's own apps use, and prints what it was answered as JSON.
// Its checks of answers against the lexicons are part of the test.
//
//   node walk.mjs ADDRESS HANDLE APP-PASSWORD PICTURE
import { readFile } from "node:fs/promises";
import { AtpAgent, RichText } from "@atproto/api";

const [address, handle, password, picture] = process.argv.slice(2);
const out = { errors: {} };

// refused runs something that must fail, and keeps the name of the error.
async function refused(what, run) {
  try {
    await run();
    out.errors[what] = "accepted";
  } catch (e) {
    out.errors[what] = `${e.status} ${e.error}`;
  }
}

let kept;
const agent = new AtpAgent({ service: address, persistSession: (event, session) => (kept = session ?? kept) });
await refused("wrong password", () => agent.login({ identifier: handle, password: "aaaa-bbbb-cccc-dddd" }));
await agent.login({ identifier: handle, password });
out.did = agent.assertDid;

const again = new AtpAgent({ service: address });
await again.resumeSession(kept);
out.session = (await again.com.atproto.server.getSession()).data.handle;
out.renewed = (await agent.sessionManager.refreshSession(), agent.session.accessJwt !== "");
out.resolved = (await agent.resolveHandle({ handle })).data.did;
out.profile = (await agent.getProfile({ actor: handle })).data.displayName;
out.server = (await agent.com.atproto.server.describeServer()).data.did.startsWith("did:web:");

const bytes = await readFile(picture);
const { blob } = (await agent.uploadBlob(bytes, { encoding: "image/png" })).data;
const text = new RichText({ text: "30 July 👩🏽‍🚒: learn more at https://hope.example/help?a=é and hope.org, says @" + handle + " #EndHumanTrafficking #مساعدة" });
await text.detectFacets(agent);
const named = ({ uri, cid }) => ({ uri, cid });
const first = named(await agent.post({
  text: text.text,
  facets: text.facets,
  langs: ["en"],
  labels: { $type: "com.atproto.label.defs#selfLabels", values: [{ val: "graphic-media" }] },
  embed: { $type: "app.bsky.embed.images", images: [{ image: blob, alt: "A blue heart", aspectRatio: { width: 4, height: 2 } }] },
}));
out.facets = text.facets.map((f) => [f.index.byteStart, f.index.byteEnd, f.features[0].uri ?? f.features[0].tag ?? f.features[0].did]);
out.uri = first.uri;
const second = named(await agent.post({ text: "Part two", reply: { root: first, parent: first } }));
await agent.post({ text: "Part three", reply: { root: first, parent: second } });
await agent.like(first.uri, first.cid);
await agent.repost(first.uri, first.cid);

const { posts } = (await agent.getPosts({ uris: [first.uri, first.uri.slice(0, -1) + "z"] })).data;
out.posts = posts.map((p) => [p.uri, p.likeCount, p.repostCount, p.replyCount, p.record.text === text.text]);
const read = await agent.com.atproto.repo.getRecord({ repo: out.did, collection: "app.bsky.feed.post", rkey: first.uri.split("/").pop() });
out.sameContent = read.data.cid === first.cid;
out.listed = (await agent.com.atproto.repo.listRecords({ repo: out.did, collection: "app.bsky.feed.post" })).data.records.length;
out.blob = (await agent.com.atproto.sync.getBlob({ did: out.did, cid: blob.ref.toString() })).data.length === bytes.length;

const repo = agent.com.atproto.repo;
const post = (more) => ({ $type: "app.bsky.feed.post", text: "Hello", createdAt: new Date().toISOString(), ...more });
const create = (rkey, record) => repo.createRecord({ repo: out.did, collection: "app.bsky.feed.post", rkey, record });
const key = "3lzzzzzzzzz2a";
await create(key, post({}));
await refused("key in use", () => create(key, post({})));
await refused("key that is no TID", () => create("hello", post({})));
await refused("text too long", () => create(undefined, post({ text: "x".repeat(301) })));
await refused("bytes too many", () => create(undefined, post({ text: "👩🏽‍🚒".repeat(299) })));
await refused("facet outside", () => create(undefined, post({ facets: [{ index: { byteStart: 0, byteEnd: 99 }, features: [{ $type: "app.bsky.richtext.facet#tag", tag: "x" }] }] })));
await refused("unknown field", () => create(undefined, post({ visibility: "public" })));
await refused("no date", () => create(undefined, { $type: "app.bsky.feed.post", text: "Hello" }));
await refused("reply to nothing", () => create(undefined, post({ reply: { root: { ...first, uri: first.uri.slice(0, -1) + "z" }, parent: first } })));
await refused("no such record", () => repo.getRecord({ repo: out.did, collection: "app.bsky.feed.post", rkey: "3lzzzzzzzzz2z" }));
await refused("another account", () => repo.createRecord({ repo: "other.test", collection: "app.bsky.feed.post", record: post({}) }));
await refused("owner's password needed", () => agent.com.atproto.server.createAppPassword({ name: "x" }));
await refused("no such method", () => agent.app.bsky.feed.getTimeline());
await refused("swap", () => repo.putRecord({ repo: out.did, collection: "app.bsky.feed.post", rkey: key, record: post({ text: "Other" }), swapRecord: null }));
await agent.deletePost(second.uri);
await agent.deletePost(second.uri);
await repo.applyWrites({ repo: out.did, writes: [{ $type: "com.atproto.repo.applyWrites#delete", collection: "app.bsky.feed.post", rkey: key }] });
out.left = (await repo.listRecords({ repo: out.did, collection: "app.bsky.feed.post" })).data.records.length;
console.log(JSON.stringify(out));
