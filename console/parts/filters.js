/** Filters above a list; they live in the address, so that a view can be sent to somebody. */
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { filter, query } from '../router.js'
import { html, useEffect, useId, useRef } from '../ui.js'
import { Icon } from './basics.js'

const TYPING_MS = 250

/** @param {{children: any}} props */
export function Filters({ children }) {
  return html`<div class="filters" role="search">${children}</div>`
}

/** @param {{placeholder: string}} props */
export function Search({ placeholder }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null))
  /** @type {{current: ReturnType<typeof setTimeout> | undefined}} */
  const timer = useRef(undefined)
  const asked = query.value.q ?? ''
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = asked
  }, [asked])
  const typed = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => filter({ q: input.current?.value.trim() ?? '' }), TYPING_MS)
  }
  return html`<label class="search"><${Icon} name="search" /><span class="unseen">${placeholder}</span>
    <input ref=${input} type="search" placeholder=${placeholder} defaultValue=${asked} maxLength="100" onInput=${typed} /></label>`
}

/** @param {{name: string, label: string, choices: [string, string][], all?: string}} props */
export function Pick({ name, label, choices, all }) {
  const id = useId()
  const chosen = query.value[name] ?? ''
  const pick = (/** @type {Event} */ event) => filter({ [name]: /** @type {HTMLSelectElement} */ (event.target).value })
  return html`<span class="pick"><label class="unseen" for=${id}>${label}</label>
    <select id=${id} value=${chosen} onChange=${pick} data-set=${chosen ? 'yes' : 'no'}>
      <option value="">${all ?? t('filter.any', { what: label })}</option>
      ${choices.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === chosen}>${text}</option>`)}
    </select></span>`
}

/** @param {{name: string, label: string, path: string}} props */
export function PickFrom({ name, label, path }) {
  const choices = useCatalogue(path)
  return html`<${Pick} name=${name} label=${label} choices=${choices.map((row) => [row.id, row.name])} />`
}

/** @param {{name: string, label: string}} props */
export function PickDay({ name, label }) {
  const id = useId()
  const pick = (/** @type {Event} */ event) => filter({ [name]: /** @type {HTMLInputElement} */ (event.target).value })
  return html`<span class="pick day"><label for=${id}>${label}</label>
    <input id=${id} type="date" value=${query.value[name] ?? ''} onChange=${pick} /></span>`
}

/** Choices of a vocabulary, `key.value` in the catalogues. @param {string} key @param {string[]} values
 * @returns {[string, string][]} */
export function worded(key, values) {
  return values.map((value) => [value, t(`${key}.${value}`)])
}
