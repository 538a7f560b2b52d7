/** Where the reader is: the address bar is the state, so that every view can be sent to somebody. */
import { computed, signal } from './ui.js'

const address = signal(location.pathname + location.search)

export const path = computed(() => address.value.split('?')[0])
/** The filters of the present page. */
export const query = computed(() => Object.fromEntries(new URLSearchParams(address.value.split('?')[1] ?? '')))

/** Go to `target`, a path of this console. @param {string} target */
export function go(target) {
  if (target !== address.value) history.pushState(null, '', target)
  address.value = target
  window.scrollTo(0, 0)
}

/** Change the filters of this page; empty ones leave the address. @param {Record<string, string>} changes */
export function filter(changes) {
  const kept = Object.entries({ ...query.value, ...changes }).filter(([, value]) => value !== '' && value != null)
  const search = new URLSearchParams(/** @type {[string, string][]} */ (kept)).toString()
  const target = search ? `${path.value}?${search}` : path.value
  history.replaceState(null, '', target)
  address.value = target
}

/** Follow links within the console without loading the page anew. */
export function listen() {
  window.addEventListener('popstate', () => { address.value = location.pathname + location.search })
  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest('a')
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return
    if (link.pathname.startsWith('/api/')) return
    event.preventDefault()
    if (link.hash && link.pathname === location.pathname) document.querySelector(link.hash)?.scrollIntoView()
    else go(link.pathname + link.search)
  })
}
