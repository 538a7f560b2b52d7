/** What a page shows of the API, kept true: loaded, refetched when the stream says that it changed, paged. */
import { get } from './api.js'
import { onChange } from './live.js'
import { useCallback, useEffect, useRef, useState } from './ui.js'

/** @typedef {{about?: string[], settled?: (found: any, at: number) => boolean}} Following
 * `about`: prefixes of the event types that change it; `settled`: whether an answer knows of what happened at `at` (ms). */

const TOGETHER_MS = 80
/** When an answer did not know of the change yet, ask again after these. */
const AGAIN_MS = [150, 300, 600, 1200, 2500]

/** Load with `load`, again when `keys` change or what it is about does.
 * @param {() => Promise<any>} load @param {any[]} keys @param {Following} [following] */
export function useResource(load, keys, following = {}) {
  const [found, setFound] = useState(/** @type {{key: string, value?: any, error?: any}} */ ({ key: '' }))
  const latest = useRef(0)
  const key = JSON.stringify(keys)
  const loading = useRef(load)
  loading.current = load
  const reload = useCallback(async () => {
    const turn = ++latest.current
    try {
      const value = await loading.current()
      if (turn === latest.current) setFound({ key, value })
      return value
    } catch (error) {
      if (turn === latest.current) setFound((before) => ({ key, error, value: before.key === key ? before.value : undefined }))
      return undefined
    }
  }, [key])
  useEffect(() => { reload() }, [reload])
  useChanges(reload, following)
  const present = found.key === key
  return {
    value: present ? found.value : undefined,
    before: found.value,
    error: present ? found.error : undefined,
    loading: !present,
    reload,
    set: (/** @type {any} */ value) => setFound({ key, value }),
  }
}

/** Call `reload` when something it is about changed, once for changes that come together, and when we are back online.
 * @param {() => Promise<any>} reload @param {Following} following */
function useChanges(reload, following) {
  const { about = [], settled = () => true } = following
  const asked = useRef(following)
  asked.current = { about, settled }
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    let newest = 0
    const refetch = async (/** @type {number} */ attempt) => {
      timer = undefined
      const value = await reload()
      const enough = value === undefined || attempt >= AGAIN_MS.length || (asked.current.settled ?? settled)(value, newest)
      if (!enough && !timer) timer = setTimeout(refetch, AGAIN_MS[attempt], attempt + 1)
    }
    const stop = onChange((change) => {
      if (change && !(asked.current.about ?? []).some((prefix) => change.type.startsWith(prefix))) return
      newest = Math.max(newest, change?.at ?? 0)
      clearTimeout(timer)
      timer = setTimeout(refetch, TOGETHER_MS, 0)
    })
    const back = () => refetch(0)
    window.addEventListener('online', back)
    return () => {
      stop()
      clearTimeout(timer)
      window.removeEventListener('online', back)
    }
  }, [reload])
}

/** A list of the API, a page after the other.
 * @param {string} path @param {Record<string, any>} query @param {Following} [following] */
export function useList(path, query, following) {
  const pages = useRef(1)
  const key = JSON.stringify([path, query])
  const seen = useRef(key)
  if (seen.current !== key) {
    seen.current = key
    pages.current = 1
  }
  const list = useResource(() => all(path, query, pages.current), [path, query], following)
  const more = async () => {
    pages.current += 1
    await list.reload()
  }
  return { ...list, items: list.value?.items ?? [], more: list.value?.next_cursor ? more : null }
}

/** The first `pages` pages of a list as one. @param {string} path @param {Record<string, any>} query @param {number} pages */
export async function all(path, query, pages) {
  /** @type {any[]} */
  const items = []
  let cursor = ''
  for (let page = 0; page < pages; page += 1) {
    const found = await get(path, { ...query, cursor })
    items.push(...found.items)
    cursor = found.next_cursor ?? ''
    if (!cursor) break
  }
  return { items, next_cursor: cursor || null }
}
