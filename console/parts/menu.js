/** A menu behind a button: closed by Escape, by choosing, and by going on elsewhere. */
import { html, useEffect, useRef, useState } from '../ui.js'

/** @param {{button: any, label?: string, look: string, name?: string, children: any}} props
 * of menus with one `name` only one is open */
export function Menu({ button, label, look, name, children }) {
  const here = useRef(/** @type {HTMLDetailsElement | null} */ (null))
  const close = () => { if (here.current) here.current.open = false }
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return undefined
    const elsewhere = (/** @type {Event} */ event) => here.current?.contains(/** @type {Node} */ (event.target)) || close()
    for (const kind of ['pointerdown', 'focusin']) document.addEventListener(kind, elsewhere)
    return () => { for (const kind of ['pointerdown', 'focusin']) document.removeEventListener(kind, elsewhere) }
  }, [open])
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    const menu = /** @type {HTMLDetailsElement} */ (here.current)
    if (event.key === 'Escape') {
      close()
      menu.querySelector('summary')?.focus()
    } else if (menu.open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      step(menu, event.key === 'ArrowDown' ? 1 : -1)
    }
  }
  const chosen = (/** @type {Event} */ event) => { if (/** @type {Element} */ (event.target).closest('.menu-entry')) close() }
  const turned = () => setOpen(here.current?.open ?? false)
  return html`<details class="menu" ref=${here} name=${name} onKeyDown=${pressed} onToggle=${turned}><summary class=${look} aria-label=${label}>${button}</summary>
    <div class="menu-list" onClick=${chosen}>${children}</div></details>`
}

/** Go to the next entry of `menu`, or to the one before. @param {HTMLElement} menu @param {number} by */
function step(menu, by) {
  const entries = /** @type {HTMLElement[]} */ (Array.from(menu.querySelectorAll('.menu-entry')))
  const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement))
  entries[at < 0 ? (by > 0 ? 0 : entries.length - 1) : (at + by + entries.length) % entries.length]?.focus()
}
