/** Short word of what happened, read out as it appears. */
import { html, signal } from '../ui.js'
import { t } from '../i18n.js'
import { Icon, saying } from './basics.js'

const SHOWN_MS = 6_000
const toasts = signal(/** @type {{id: number, text: string, bad: boolean}[]} */ ([]))
let last = 0

/** @param {string} text */
export function tell(text) {
  show(text, false)
}

/** @param {any} error */
export function complain(error) {
  show(saying(error), true)
}

/** @param {string} text @param {boolean} bad */
function show(text, bad) {
  const id = ++last
  toasts.value = [...toasts.value.slice(-2), { id, text, bad }]
  setTimeout(() => dismiss(id), SHOWN_MS)
}

/** @param {number} id */
function dismiss(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map(({ id, text, bad }) => html`<p key=${id} class=${bad ? 'toast bad' : 'toast'}>
      <${Icon} name=${bad ? 'circle-alert' : 'check'} /><span>${text}</span>
      <button type="button" class="icon-button" aria-label=${t('action.close')} onClick=${() => dismiss(id)}><${Icon} name="x" /></button>
    </p>`)}
  </div>`
}
