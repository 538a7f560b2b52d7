/** Choosing a customer among many: type two characters, choose one. */
import { get } from '../api.js'
import { t } from '../i18n.js'
import { html, useRef, useState } from '../ui.js'

const TYPING_MS = 200

/** A combobox over the customers one may see; its hidden input holds the id.
 * @param {{common: any}} props */
export function CustomerPicker({ common }) {
  const [found, setFound] = useState(/** @type {any[]} */ ([]))
  const [chosen, setChosen] = useState(/** @type {{id: string, name: string}} */ ({ id: '', name: '' }))
  /** @type {{current: ReturnType<typeof setTimeout> | undefined}} */
  const timer = useRef(undefined)
  const list = `${common.id}-list`
  const typed = (/** @type {Event} */ event) => {
    const text = /** @type {HTMLInputElement} */ (event.target).value.trim()
    const exact = found.find(({ name }) => name === text)
    setChosen(exact ? { id: exact.id, name: exact.name } : { id: '', name: text })
    clearTimeout(timer.current)
    if (!exact && text.length > 1) timer.current = setTimeout(() => get('/customers', { q: text, limit: 10 }).then(({ items }) => setFound(items), () => {}), TYPING_MS)
  }
  return html`<input ...${{ ...common, name: undefined }} list=${list} placeholder=${t('field.type-to-search')} onInput=${typed} />
    <datalist id=${list}>${found.map(({ id, name }) => html`<option key=${id} value=${name} />`)}</datalist>
    <input type="hidden" name=${common.name} value=${chosen.id} />`
}
