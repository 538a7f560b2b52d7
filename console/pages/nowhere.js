/** An address that is no page. */
import { Empty } from '../parts/basics.js'
import { PageFrame } from '../parts/page.js'
import { t } from '../i18n.js'
import { html } from '../ui.js'

export function Page() {
  return html`<${PageFrame} title=${t('state.gone')}><h1 class="unseen">${t('state.gone')}</h1>
    <${Empty} icon="circle-alert" title=${t('state.gone')}><a class="button" href="/">${t('nav.home')}</a><//><//>`
}
