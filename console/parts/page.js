/** A page: its title in the tab, its content in the landmark that the skip link leads to. */
import { t } from '../i18n.js'
import { html, useEffect } from '../ui.js'

/** @param {{title: string, children: any, wide?: boolean}} props */
export function PageFrame({ title, children, wide }) {
  useEffect(() => { document.title = `${title} · ${t('product.name')}` }, [title])
  return html`<main id="main" class=${wide ? 'page wide' : 'page'} tabindex="-1">${children}</main>`
}
