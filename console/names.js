/** What ids stand for: people, units, products and sources by their names, asked for together and remembered. */
import { get } from './api.js'
import { onChange } from './live.js'
import { all } from './resource.js'
import { signal, useEffect, useState } from './ui.js'

const MOST = 100
/** @type {Map<string, import('./vendor/signals.js').Signal<string>>} */
const known = new Map()
/** @type {Set<string>} */
let wanted = new Set()
/** @type {ReturnType<typeof setTimeout> | undefined} */
let asking

/** The name of a user or unit; empty until it is known. @param {string | null | undefined} id */
export function nameOf(id) {
  if (!id) return ''
  let name = known.get(id)
  if (!name) {
    name = signal('')
    known.set(id, name)
    wanted.add(id)
    asking ??= setTimeout(ask, 5)
  }
  return name.value
}

async function ask() {
  const ids = [...wanted]
  wanted = new Set()
  asking = undefined
  for (let at = 0; at < ids.length; at += MOST) {
    const asked = ids.slice(at, at + MOST)
    try {
      const found = await get('/names', { ids: asked.join(',') })
      for (const { id, name } of found.items) learn(id, name)
    } catch {
      for (const id of asked) known.delete(id)
    }
  }
}

/** @param {string} id @param {string} name */
function learn(id, name) {
  const kept = known.get(id)
  if (kept) kept.value = name
}

onChange((change) => {
  const renamed = !change || /^crm\.organization\.(user|unit)\./.test(change.type)
  if (!renamed) return
  for (const id of change ? [change.subject] : known.keys()) if (known.has(id)) wanted.add(id)
  if (wanted.size) asking ??= setTimeout(ask, 50)
})

/** @type {Map<string, Promise<any[]>>} */
const catalogues = new Map()
onChange((change) => {
  if (!change || /^crm\.(leads\.(product|source)|organization)\./.test(change.type)) catalogues.clear()
})

/** All that may still be chosen of a short list everybody may read: `/products`, `/sources`, `/units`, `/users`. @param {string} path */
export function catalogue(path) {
  let found = catalogues.get(path)
  if (!found) {
    found = all(path, { limit: 200 }, 10).then(({ items }) => items.filter((each) => !each.closed_at))
    found.catch(() => catalogues.delete(path))
    catalogues.set(path, found)
  }
  return found
}

/** The catalogue at `path`, empty until it has come. @param {string} path @returns {any[]} */
export function useCatalogue(path) {
  const [found, setFound] = useState(/** @type {any[]} */ ([]))
  useEffect(() => {
    let here = true
    catalogue(path).then((items) => here && setFound(items), () => {})
    return () => { here = false }
  }, [path])
  return found
}
