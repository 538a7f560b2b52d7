/** Where the reader is: the address bar is the state, so that every view can be sent to somebody. */
import { computed, signal } from './ui.js'

const RESTORE_MS = 2_000

const address = signal(location.pathname + location.search)
/** @type {Map<string, string>} the address with which each path was last seen */
const latest = new Map()
/** @type {Map<string, number>} how far down each address was when it was left */
const depths = new Map()
let before = ''
let moved = false

export const path = computed(() => address.value.split('?')[0])
/** The filters of the present page. */
export const query = computed(() => Object.fromEntries(new URLSearchParams(address.value.split('?')[1] ?? '')))

/** @param {string} target */
function arrive(target) {
  latest.set(target.split('?')[0], target)
  address.value = target
}

/** Go to `target`, a path of this console. @param {string} target */
export function go(target) {
  if (target !== address.value) {
    leave()
    before = address.value
    history.pushState(null, '', target)
  }
  arrive(target)
  window.scrollTo(0, 0)
}

function leave() {
  depths.set(address.value, window.scrollY)
  moved = true
}

/** Change the filters of this page; empty ones leave the address. @param {Record<string, string>} changes */
export function filter(changes) {
  const kept = Object.entries({ ...query.value, ...changes }).filter(([, value]) => value !== '' && value != null)
  const search = new URLSearchParams(/** @type {[string, string][]} */ (kept)).toString()
  const target = search ? `${path.value}?${search}` : path.value
  history.replaceState(null, '', target)
  arrive(target)
}

/** The list at `path` as it was last seen, its filters included. @param {string} path */
export function asLeft(path) {
  return latest.get(path) ?? path
}

/** Back to `target`: where one comes from it, to the very place. @param {MouseEvent} event @param {string} target */
export function back(event, target) {
  const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  if (before !== target || !plain) return
  event.preventDefault()
  history.back()
}

/** Whether the page has changed since this was last asked. */
export function hasMoved() {
  const answer = moved
  moved = false
  return answer
}

/** Follow links within the console without loading the page anew. */
export function listen() {
  history.scrollRestoration = 'manual'
  arrive(address.value)
  window.addEventListener('popstate', () => {
    leave()
    before = ''
    arrive(location.pathname + location.search)
    restore(depths.get(address.value) ?? 0)
  })
  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest('a')
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return
    if (link.pathname.startsWith('/api/')) return
    event.preventDefault()
    if (link.hash && link.pathname === location.pathname) reach(link.hash)
    else go(link.pathname + link.search)
  })
}

/** @param {string} hash */
function reach(hash) {
  const target = /** @type {HTMLElement | null} */ (document.querySelector(hash))
  target?.scrollIntoView()
  target?.focus({ preventScroll: true })
}

/** Scroll down to `depth` as soon as there is enough of the page, unless the reader scrolls first. @param {number} depth */
function restore(depth) {
  const until = Date.now() + RESTORE_MS
  let mine = true
  window.addEventListener('wheel', () => { mine = false }, { once: true, passive: true })
  window.addEventListener('touchmove', () => { mine = false }, { once: true, passive: true })
  const step = () => {
    if (!mine) return
    window.scrollTo(0, depth)
    if (window.scrollY < depth && Date.now() < until) requestAnimationFrame(step)
  }
  step()
}
