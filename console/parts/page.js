/** A page: its title in the tab, its content in the landmark that the skip link leads to. */
import { t } from '../i18n.js'
import { hasMoved } from '../router.js'
import { html, useEffect, useRef } from '../ui.js'

/** @param {{title: string, children: any, wide?: boolean}} props */
export function PageFrame({ title, children, wide }) {
  const here = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => { if (hasMoved()) here.current?.focus({ preventScroll: true }) }, [])
  useEffect(() => { document.title = `${title} · ${t('product.name')}` }, [title])
  return html`<main id="main" ref=${here} class=${wide ? 'page wide' : 'page'} tabindex="-1">${children}</main>`
}
