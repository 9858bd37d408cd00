// What the script adds to pages that work without it: filters that apply at once, lists that renew themselves while posts
// go out, keys for the doors, and pictures kept veiled until asked for. htmx does the fetching.
import "htmx.org";
import { calendar } from "./calendar";
import { day } from "./day";
import { editor } from "./editor";
import { keys } from "./keys";
import { passkeys } from "./passkeys";
import { pictures } from "./pictures";
import { veils } from "./veils";

calendar();
day();
editor();
keys();
passkeys();
pictures();
veils();
