/** Choosing a customer among many: type two characters, choose one, by mouse or by keyboard. */
import { get } from '../api.js'
import { t } from '../i18n.js'
import { html, useRef, useState } from '../ui.js'

const TYPING_MS = 200

/** @typedef {{id: string, name: string, region: string | null}} Customer */

/** A combobox over the customers one may see; its hidden input holds the id, and what was typed without choosing.
 * @param {{common: any}} props */
export function CustomerPicker({ common }) {
  const [found, setFound] = useState(/** @type {Customer[] | null} */ (null))
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState('')
  const [at, setAt] = useState(0)
  /** @type {{current: ReturnType<typeof setTimeout> | undefined}} */
  const timer = useRef(undefined)
  const { name, ...input } = common
  const list = `${common.id}-list`
  const search = async (/** @type {string} */ sought) => {
    const { items } = await get('/customers', { q: sought, limit: 10 })
    setAt(0)
    setFound(items)
  }
  const typed = (/** @type {Event} */ event) => {
    const sought = /** @type {HTMLInputElement} */ (event.target).value
    setText(sought)
    setChosen('')
    clearTimeout(timer.current)
    if (sought.trim().length > 1) timer.current = setTimeout(() => search(sought.trim()).catch(() => setFound(null)), TYPING_MS)
    else setFound(null)
  }
  const choose = (/** @type {Customer} */ customer) => {
    setText(customer.name)
    setChosen(customer.id)
    setFound(null)
  }
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (!found) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && found.length) setAt((at + step + found.length) % found.length)
    else if (event.key === 'Enter' && found[at]) choose(found[at])
    else if (event.key === 'Escape') setFound(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return html`<div class="picker">
    <input ...${input} role="combobox" aria-autocomplete="list" aria-expanded=${Boolean(found)} aria-controls=${list} value=${text}
      aria-activedescendant=${found?.length ? `${list}-${at}` : undefined} placeholder=${t('field.type-to-search')}
      onInput=${typed} onKeyDown=${pressed} onBlur=${() => setFound(null)} />
    <ul id=${list} role="listbox" aria-label=${t('field.found')} class="picker-list" hidden=${!found?.length}>${(found ?? []).map((customer, place) => html`<li key=${customer.id} id=${`${list}-${place}`} role="option"
      aria-selected=${place === at} onPointerDown=${(/** @type {Event} */ event) => { event.preventDefault(); choose(customer) }}>${customer.name} <span class="quiet">${customer.region}</span></li>`)}</ul>
    ${found?.length === 0 && html`<p class="hint" role="status">${t('state.no-match')}</p>`}
    <input type="hidden" name=${name} value=${chosen} data-typed=${text.trim() || undefined} />
  </div>`
}
