/** Who is signed in. The access token lives in memory only; the refresh cookie is the browser's and no script's. */
import { signal } from './ui.js'

/** @typedef {{id: string, username: string, name: string, roles: string[], permissions: string[], locale: string,
 *   memberships: {unit_id: string, role: string, primary: boolean}[]}} Me */

/** `starting`: not known yet; `out`: nobody; `in`; `ended`: somebody was, and his page waits for him behind a sign-in. */
export const session = {
  state: signal(/** @type {'starting' | 'out' | 'in' | 'ended'} */ ('starting')),
  me: signal(/** @type {Me | null} */ (null)),
  /** Who waits for the second factor to be given again. */
  asked: signal(/** @type {((given: boolean) => void) | null} */ (null)),
}

const EARLY_MS = 20_000
let token = ''
let expiresAt = 0
/** @type {Promise<boolean> | null} */
let renewing = null
/** @type {(() => void)[]} */
let waiting = []

/** The token to send now; renewed when it is about to end, waited for while somebody must sign in again. */
export async function bearer() {
  if (Date.now() > expiresAt - EARLY_MS && !(await renew())) await signedIn()
  return token
}

/** Ask for the next token. One tab at a time: a refresh token that is used twice ends its session.
 * @returns {Promise<boolean>} whether we are signed in */
export function renew() {
  renewing ??= (navigator.locks ? navigator.locks.request('crm.renewal', ask) : ask()).finally(() => { renewing = null })
  return renewing
}

async function ask() {
  const answer = await fetch('/api/v1/session/refresh', { method: 'POST' })
  if (answer.ok) {
    keep(await answer.json())
    return true
  }
  if (answer.status !== 401) throw new TypeError(`renewal answered ${answer.status}`)
  token = ''
  expiresAt = 0
  session.state.value = session.me.value ? 'ended' : 'out'
  return false
}

/** Send the password, and the second factor where one is asked for.
 * @param {string} username @param {string} password @param {string | undefined} totp @param {string} language
 * @returns {Promise<Response>} the answer, of which a 200 has been kept already */
export async function signIn(username, password, totp, language) {
  const headers = { 'Content-Type': 'application/json', 'Accept-Language': language }
  const answer = await fetch('/api/v1/session', { method: 'POST', headers, body: JSON.stringify({ username, password, totp }) })
  if (answer.ok) keep(await answer.clone().json())
  return answer
}

/** Whether an answer says that a second factor is to be given, while signing in or again for what is grave.
 * @param {any} problem */
export function asksFactor(problem) {
  return String(problem?.type ?? '').endsWith('/second-factor-required')
}

/** Have the reader give the second factor; whether it was given. @returns {Promise<boolean>} */
export function factorGiven() {
  return new Promise((given) => { session.asked.value = given })
}

/** The second factor was given: go on with this token, or without one as before. @param {{access_token: string, expires_in: number}} [granted] */
export function answerAsked(granted) {
  if (granted) keep(granted)
  session.asked.value?.(Boolean(granted))
  session.asked.value = null
}

/** End the session here and at the server. */
export async function signOut() {
  const sent = await bearer()
  await fetch('/api/v1/session', { method: 'DELETE', headers: { Authorization: `Bearer ${sent}` } })
  location.assign('/')
}

/** Say who is here, once it is known; whoever waited for it goes on.
 * @param {Me} me */
export function begin(me) {
  const somebodyElse = session.me.value && session.me.value.id !== me.id
  session.me.value = me
  session.state.value = 'in'
  if (somebodyElse) location.assign('/')
  for (const go of waiting) go()
  waiting = []
}

/** Whether the person here may do this; the services ask again.
 * @param {string} permission */
export function may(permission) {
  return session.me.value?.permissions.includes(permission) ?? false
}

/** Whether the rows of others are within reach; a salesperson has his own. */
export function seesOthers() {
  return session.me.value?.roles.some((role) => role !== 'sales') ?? false
}

/** Forget the token, as when it was refused. @param {string} refused */
export function forget(refused) {
  if (token === refused) expiresAt = 0
}

function signedIn() {
  return new Promise((go) => waiting.push(() => go(undefined)))
}

/** @param {{access_token: string, expires_in: number}} granted */
function keep(granted) {
  token = granted.access_token
  expiresAt = Date.now() + granted.expires_in * 1000
}
