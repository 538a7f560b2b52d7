/** The smallest parts: icons, badges, names, and the states a page can be in. */
import { Offline, Problem } from '../api.js'
import { listed } from '../format.js'
import { has, t } from '../i18n.js'
import { nameOf } from '../names.js'
import { asLeft, back as goBack } from '../router.js'
import { html } from '../ui.js'

/** A picture that says nothing a word beside it does not say. @param {{name: string}} props */
export function Icon({ name }) {
  return html`<svg class="icon" aria-hidden="true"><use href=${`/console/vendor/icons.svg#${name}`} /></svg>`
}

/** The name of a person or unit. @param {{id: string | null | undefined}} props */
export function Name({ id }) {
  return html`<span class="name">${id ? nameOf(id) || '…' : '–'}</span>`
}

/** A value of a closed list, coloured by what it means. @param {{of: string, value: string | null | undefined}} props */
export function Badge({ of, value }) {
  if (!value) return html`<span>–</span>`
  return html`<span class="badge" data-value=${value}>${t(`${of}.${value}`)}</span>`
}

/** @param {{lines?: number}} props */
export function Loading({ lines = 6 }) {
  return html`<div class="loading" role="status" aria-label=${t('state.loading')}>
    ${Array.from({ length: lines }, () => html`<div class="bone"></div>`)}
  </div>`
}

/** @param {{icon?: string, title: string, hint?: string, children?: any}} props */
export function Empty({ icon = 'inbox', title, hint, children }) {
  return html`<div class="state"><${Icon} name=${icon} /><p class="state-title">${title}</p>
    ${hint && html`<p class="quiet">${hint}</p>`}${children}</div>`
}

/** What went wrong, in the reader's words, and how to go on. @param {{error: any, retry?: () => void}} props */
export function Failure({ error, retry }) {
  const offline = error instanceof Offline
  const gone = error instanceof Problem && error.status === 404
  const title = offline ? t('state.offline') : gone ? t('state.gone') : t('state.failed')
  return html`<div class="state" role="alert"><${Icon} name=${offline ? 'wifi-off' : 'triangle-alert'} />
    <p class="state-title">${title}</p>${!gone && html`<p class="quiet">${offline ? t('state.offline-hint') : saying(error)}</p>`}
    ${retry && !gone && html`<button type="button" class="button" onClick=${retry}><${Icon} name="refresh-cw" />${t('action.retry')}</button>`}
  </div>`
}

/** One sentence for an error, ready to be shown. @param {any} error */
export function saying(error) {
  if (error instanceof Offline) return t('state.offline')
  if (!(error instanceof Problem)) return t('state.failed')
  const fields = Object.entries(error.errors).map(([field, texts]) => `${fieldName(field)}: ${texts.join(' ')}`)
  return [error.message, ...fields].filter(Boolean).join(' · ') || t('state.failed')
}

/** What the API calls `amount.currency` or `rows.0.name`, as a form calls it. @param {string} field */
export function fieldName(field) {
  const known = field.split('.').reverse().find((part) => has(`field.${part}`))
  return known ? t(`field.${known}`) : field
}

/** A page's parts in every state of what it shows; `heading` stands above as long as they have none of their own.
 * @param {{of: {value: any, error: any, loading: boolean, reload: () => void}, heading?: any, children: (value: any) => any}} props */
export function Loaded({ of, heading, children }) {
  if (of.value !== undefined) return html`${of.error && html`<${Stale} error=${of.error} retry=${of.reload} />`}${children(of.value)}`
  return html`${heading}${of.error ? html`<${Failure} error=${of.error} retry=${of.reload} />` : html`<${Loading} />`}`
}

/** What is shown could not be refreshed. @param {{error: any, retry: () => void}} props */
export function Stale({ error, retry }) {
  return html`<p class="notice" role="status"><${Icon} name=${error instanceof Offline ? 'wifi-off' : 'triangle-alert'} />${saying(error)}
    <button type="button" class="link" onClick=${retry}>${t('action.retry')}</button></p>`
}

/** Services that did not answer in time, while the others did. @param {{services: string[]}} props */
export function Missing({ services }) {
  if (!services.length) return null
  return html`<p class="notice" role="status"><${Icon} name="triangle-alert" />${t('home.missing', { what: listed(services.map((name) => t(`service.${name}`))) })}</p>`
}

/** How to reach somebody, one click away. @param {{phone?: string | null, email?: string | null}} props */
export function Reach({ phone, email }) {
  if (!phone && !email) return html`<span>–</span>`
  return html`${phone && html`<a href=${`tel:${phone}`}>${phone}</a>`}${phone && email && ' · '}${email && html`<a href=${`mailto:${email}`}>${email}</a>`}`
}

/** @param {{title: string, children?: any, back?: string}} props `back`: the path of the list it stands in */
export function Heading({ title, children, back }) {
  const list = back && asLeft(back)
  return html`<header class="heading">
    <h1>${list && html`<a class="icon-button" href=${list} aria-label=${t('action.back')} onClick=${(/** @type {MouseEvent} */ event) => goBack(event, list)}><${Icon} name="arrow-left" /></a>`}${title}</h1>
    <div class="actions">${children}</div></header>`
}
