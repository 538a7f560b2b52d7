/** The one client of the public API: tokens, languages, versions, idempotency keys and problems are seen to here. */
import { locale } from './i18n.js'
import { asksFactor, bearer, factorGiven, forget } from './session.js'

export const BASE = '/api/v1'

/** What the API answered when it would not: RFC 9457, with the fields at fault. */
export class Problem extends Error {
  /** @param {number} status @param {any} body @param {number} [retryAfter] seconds */
  constructor(status, body, retryAfter = 0) {
    super(body.detail ?? body.title ?? '')
    this.status = status
    this.body = body
    /** @type {Record<string, string[]>} */
    this.errors = body.errors ?? {}
    this.retryAfter = retryAfter
  }
}

/** The API could not be reached. */
export class Offline extends Error {}

/** @param {string} path @param {Record<string, any>} [query] absent and empty ones are not sent */
export function get(path, query = {}) {
  const named = Object.entries(query).filter(([, value]) => value != null && value !== '')
  const search = new URLSearchParams(named.map(([name, value]) => [name, String(value)]))
  return call('GET', named.length ? `${path}?${search}` : path)
}

/** Sent once, however often it is tried: the key tells the services that it is the same.
 * @param {string} path @param {any} [body] */
export function post(path, body = {}) {
  return call('POST', path, body, { 'Idempotency-Key': uniqueKey() })
}

/** @param {string} path @param {any} changes @param {number} version the version that was read */
export function patch(path, changes, version) {
  return call('PATCH', path, changes, { 'If-Match': `"${version}"` })
}

/** @param {string} path */
export function remove(path) {
  return call('DELETE', path)
}

/** Have the browser keep what `path` answers as a file. @param {string} path @param {string} name */
export async function download(path, name) {
  const answer = await send('GET', path, undefined, {})
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** @param {string} method @param {string} path @param {any} [body] @param {Record<string, string>} [headers]
 * @returns {Promise<any>} */
async function call(method, path, body, headers = {}) {
  let answer = await send(method, path, body, headers)
  if (answer.status === 401) answer = await send(method, path, body, headers)
  if (answer.status === 204) return null
  const shown = await answer.json().catch(() => ({ title: String(answer.status) }))
  if (answer.status === 403 && asksFactor(shown) && (await factorGiven())) return call(method, path, body, headers)
  if (!answer.ok) throw new Problem(answer.status, shown, Number(answer.headers.get('Retry-After') ?? 0))
  return shown
}

/** @param {string} method @param {string} path @param {any} body @param {Record<string, string>} headers */
async function send(method, path, body, headers) {
  try {
    const token = await bearer()
    const answer = await fetch(BASE + path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Accept-Language': locale.value,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (answer.status === 401) forget(token)
    return answer
  } catch (error) {
    if (error instanceof TypeError) throw new Offline()
    throw error
  }
}

/** 128 random bits; `crypto.randomUUID` is missing where the page came without TLS. */
function uniqueKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
