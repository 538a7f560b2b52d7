/** What changes, as it changes: one stream for all tabs of a browser; a message says only what, the page refetches that. */
import { BASE } from './api.js'
import { bearer, forget } from './session.js'
import { signal } from './ui.js'

/** @typedef {{type: string, subject: string, unit_id: string | null, at: number}} Change */

/** `live`, or `waiting` while the stream is away. */
export const liveness = signal(/** @type {'waiting' | 'live'} */ ('waiting'))

const CALM_MS = 1_000
const PATIENCE_MS = 15_000
/** Every sign of life within this time: the server pings every 10 s. */
const SILENCE_MS = 25_000

/** @type {Set<(change: Change | null) => void>} */
const hearers = new Set()
const others = new BroadcastChannel('crm.live')
others.onmessage = ({ data }) => tell(data)

/** Call `hear` for every change, and with null when changes may have been missed; answers how to stop.
 * @param {(change: Change | null) => void} hear */
export function onChange(hear) {
  hearers.add(hear)
  return () => hearers.delete(hear)
}

let following = false

/** Follow the stream for as long as this page lives; of several tabs one does so for all. */
export function follow() {
  if (following) return
  following = true
  if (navigator.locks) navigator.locks.request('crm.live', lead)
  else lead()
}

async function lead() {
  let last = ''
  let pause = CALM_MS
  for (;;) {
    try {
      last = await read(last, () => { pause = CALM_MS })
    } catch {
      pause = Math.min(pause * 2, PATIENCE_MS)
    }
    share({ live: false })
    await new Promise((go) => setTimeout(go, pause * (0.5 + Math.random() / 2)))
  }
}

/** Read one connection until it ends; answers the id of the last message.
 * @param {string} last @param {() => void} begun */
async function read(last, begun) {
  const token = await bearer()
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  const answer = await fetch(`${BASE}/stream`, {
    headers: { Authorization: `Bearer ${token}`, ...(last ? { 'Last-Event-ID': last } : {}) },
    signal: silence.signal,
  })
  if (answer.status === 401) forget(token)
  if (!answer.ok || !answer.body) throw new Error(`stream answered ${answer.status}`)
  begun()
  share({ live: true })
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return last
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE_MS)
    const messages = (rest + value).split('\n\n')
    rest = messages.pop() ?? ''
    for (const message of messages) last = hear(message) || last
  }
}

/** Take one message of the stream; answers its id. @param {string} message */
function hear(message) {
  const fields = Object.fromEntries(message.split('\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()]))
  if (fields.event === 'reset') share({ change: null })
  if (fields.event === 'change') share({ change: { ...JSON.parse(fields.data), at: madeAt(fields.id) } })
  return fields.id ?? ''
}

/** When an event happened: the first 48 bits of its id (RFC 9562, version 7). @param {string} id */
function madeAt(id) {
  return parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

/** @param {{live?: boolean, change?: Change | null}} news */
function share(news) {
  others.postMessage(news)
  tell(news)
}

/** @param {{live?: boolean, change?: Change | null}} news */
function tell(news) {
  if (news.live !== undefined) liveness.value = news.live ? 'live' : 'waiting'
  if (news.change !== undefined) for (const hear of hearers) hear(news.change)
}
