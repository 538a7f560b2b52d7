/** A dialog over the page: the browser's own, which keeps the focus inside and closes on Escape. */
import { t } from '../i18n.js'
import { html, useEffect, useId, useRef } from '../ui.js'
import { Icon } from './basics.js'

/** @param {{title: string, close?: () => void, children: any, wide?: boolean}} props without `close` it stays */
export function Dialog({ title, close, children, wide }) {
  const here = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const heading = useId()
  useEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement)
    here.current?.showModal()
    const first = /** @type {HTMLElement | null | undefined} */ (here.current?.querySelector('[autofocus], input, select, textarea'))
    first?.focus()
    return () => before?.focus?.()
  }, [])
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault()
    close?.()
  }
  return html`<dialog ref=${here} class=${wide ? 'dialog wide' : 'dialog'} aria-labelledby=${heading} onCancel=${cancel}>
    <header class="dialog-head"><h2 id=${heading}>${title}</h2>
      ${close && html`<button type="button" class="icon-button" aria-label=${t('action.close')} onClick=${close}><${Icon} name="x" /></button>`}
    </header>
    ${children}
  </dialog>`
}
