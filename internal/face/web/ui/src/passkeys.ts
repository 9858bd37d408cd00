// A passkey is asked for, or made, by the browser alone. The page brings what to ask as JSON, and the answer goes back in its form.
// Without script the page says that passkeys need one; nothing else does.

// The browser's own conversions (WebAuthn, level 3, sections 5.1.8 to 5.1.10), which older ones lack and TypeScript may not know.
interface Conversions {
  parseCreationOptionsFromJSON?: (options: unknown) => PublicKeyCredentialCreationOptions;
  parseRequestOptionsFromJSON?: (options: unknown) => PublicKeyCredentialRequestOptions;
}

export function passkeys(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-passkey]");
  const problem = document.getElementById("passkey-problem");
  const button = document.getElementById("passkey-send");
  if (!form || !problem || !button) return;
  document.getElementById("passkey-script")?.remove();
  button.hidden = false;

  const say = (sentence: string | undefined): void => {
    problem.textContent = sentence ?? "";
    problem.hidden = false;
  };
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    const known = (window.PublicKeyCredential ?? {}) as unknown as Conversions;
    if (!known.parseCreationOptionsFromJSON || !known.parseRequestOptionsFromJSON) {
      say(problem.dataset["old"]);
      return;
    }
    asking = true;
    problem.hidden = true;
    try {
      const options: unknown = JSON.parse(form.dataset["options"] ?? "");
      const answer =
        form.dataset["passkey"] === "create"
          ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options) });
      const field = form.elements.namedItem("answer");
      if (!(answer instanceof PublicKeyCredential) || !(field instanceof HTMLInputElement)) throw new Error("no answer");
      field.value = JSON.stringify(answer);
      form.submit(); // sends without the event that is listened to below
    } catch {
      say(problem.dataset["failed"]); // cancelled, too late, or nothing that fits: browsers do not say which
    } finally {
      asking = false;
    }
  };
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    void ask();
  });
}
