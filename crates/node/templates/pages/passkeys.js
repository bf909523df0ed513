// Signs in, enrols and confirms with a passkey. Forms say what they are for in data attributes; without
// this script, for whatever reason, their buttons stay off and the page says why.

const bytes = text => Uint8Array.from(
  atob(text.replaceAll('-', '+').replaceAll('_', '/')), sign => sign.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const sentence = said => said[0].toUpperCase() + said.slice(1) + (/[.!?]$/.test(said) ? '' : '.');

async function post(address, body) {
  const response = await fetch(address, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'Accept': 'application/json' },
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(sentence(answer.detail ?? 'Something went wrong. Try again.'));
  return answer;
}

function readied(options) {
  const key = options.publicKey;
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const one of [...(key.allowCredentials ?? []), ...(key.excludeCredentials ?? [])]) {
    one.id = bytes(one.id);
  }
  const prf = key.extensions?.prf?.eval;
  if (prf) prf.first = bytes(prf.first);
  return options;
}

function answered(credential) {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  // What the extensions gave stays out of it: the secret goes apart, and once.
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, extensions: {} };
}

function secret(credential) {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return null;
  const given = text(first);
  new Uint8Array(first).fill(0);
  return given;
}

// Some authenticators give no secret while a passkey is made, and give it when it is used.
async function secretOfNew(credential, options) {
  const now = secret(credential);
  if (now || !credential.getClientExtensionResults().prf?.enabled) return now;
  const used = await navigator.credentials.get({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    rpId: options.publicKey.rp.id,
    allowCredentials: [{ type: 'public-key', id: credential.rawId }],
    userVerification: 'required',
    extensions: { prf: options.publicKey.extensions.prf },
  } });
  return secret(used);
}

function started(form) {
  const problem = document.getElementById('problem');
  const button = form.querySelector('button[type=submit]');
  const passphrase = form.querySelector('[data-passphrase]');
  let made = null;
  // Passkeys are bound to a name: a browser makes and uses none for a number.
  if (/^[\d.]+$|^\[/.test(location.hostname)) {
    problem.textContent = 'Passkeys need this node by its name, and not by its number. On the machine itself, open '
      + `http://localhost${location.port ? ':' + location.port : ''}/`;
    problem.hidden = false;
    return;
  }
  button.disabled = false;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      const fields = Object.fromEntries(new FormData(form));
      if (!made) {
        const begun = await post(form.dataset.begin, fields);
        const options = readied(begun.options);
        if (form.dataset.passkey === 'create') {
          const credential = await navigator.credentials.create(options);
          made = { ceremony: begun.ceremony, answer: answered(credential), prf: await secretOfNew(credential, options) };
        } else {
          const credential = await navigator.credentials.get(options);
          made = { ceremony: begun.ceremony, answer: answered(credential), prf: secret(credential) };
        }
      }
      if (passphrase && !made.prf && !fields.passphrase) {
        passphrase.hidden = false;
        passphrase.querySelector('input').required = true;
        passphrase.querySelector('input').focus();
        button.textContent = 'Finish';
        button.disabled = false;
        return;
      }
      const last = made;
      made = null;
      const finished = await post(form.dataset.finish, { ...fields, ...last });
      location.assign(finished.next);
    } catch (error) {
      problem.textContent = error.name === 'NotAllowedError'
        ? 'The passkey was not used. Try again.' : error.message;
      problem.hidden = false;
      button.disabled = false;
    }
  });
}

for (const note of document.querySelectorAll('[data-without-script]')) note.remove();
for (const form of document.querySelectorAll('[data-passkey]')) started(form);
