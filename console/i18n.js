/** Every word the console shows, in the reader's language. */
import { signal } from './ui.js'

export const LOCALES = ['zh-CN', 'en']
const KEPT = 'crm.locale'

/** What `first.js` found. */
export const locale = signal(document.documentElement.lang)
/** @type {Record<string, string>} */
let words = {}

/** Load the words of `chosen` and show everything in it.
 * @param {string} chosen */
export async function speak(chosen) {
  const answer = await fetch(`/console/i18n/${chosen}.json`)
  words = await answer.json()
  document.documentElement.lang = chosen
  locale.value = chosen
}

/** Speak `chosen` from now on, in this browser.
 * @param {string} chosen */
export function choose(chosen) {
  localStorage.setItem(KEPT, chosen)
  return speak(chosen)
}

/** The words for `key`; `{name}` in them is replaced, and `count` picks the plural (`key_one`, `key_other`).
 * @param {string} key
 * @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  const spoken = locale.value
  const plural = 'count' in values ? `${key}_${new Intl.PluralRules(spoken).select(Number(values.count))}` : key
  const text = words[plural] ?? words[key] ?? key
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
}

/** Whether there are words for `key`.
 * @param {string} key */
export function has(key) {
  return key in words
}
