/** The reader's second factor: enrolled with an authenticator, confirmed with a code, removed with the password. */
import { get, post } from '../api.js'
import { time } from '../format.js'
import { t } from '../i18n.js'
import { useResource } from '../resource.js'
import { html, useState } from '../ui.js'
import { Badge, Loaded } from './basics.js'
import { Dialog } from './dialog.js'
import { Form } from './form.js'
import { QrCode } from './qr.js'
import { complain, tell } from './toasts.js'

/** @typedef {{enrolled: boolean, confirmed_at: string | null, recovery_codes_left: number}} Status
 * @typedef {{secret: string, otpauth_url: string}} Enrolment */

/** @param {{done: () => void}} props */
export function SecondFactor({ done }) {
  const status = useResource(() => get('/me/totp'), [])
  const [enrolment, setEnrolment] = useState(/** @type {Enrolment | null} */ (null))
  const [codes, setCodes] = useState(/** @type {string[]} */ ([]))
  const [removing, setRemoving] = useState(false)
  const enrol = () => post('/me/totp').then(setEnrolment, complain)
  const confirm = async (/** @type {any} */ given) => {
    const { recovery_codes: made } = await post('/me/totp/confirmation', { code: given.code ?? '' })
    setEnrolment(null)
    setCodes(made)
    await status.reload()
    done()
  }
  const withdraw = async (/** @type {any} */ given) => {
    await post('/me/totp/removal', { password: given.password ?? '' })
    setRemoving(false)
    tell(t('factor.removed'))
    await status.reload()
  }
  return html`<section class="card" aria-labelledby="factor"><h2 id="factor">${t('factor.title')}</h2>
    <${Loaded} of=${status}>${(/** @type {Status} */ found) => html`<${State} found=${found} enrol=${enrol} remove=${() => setRemoving(true)} />`}<//>
    ${enrolment && html`<${Enrol} ...${enrolment} save=${confirm} close=${() => setEnrolment(null)} />`}
    ${codes.length > 0 && html`<${Codes} codes=${codes} close=${() => setCodes([])} />`}
    ${removing && html`<${Dialog} title=${t('factor.remove')} close=${() => setRemoving(false)}><p class="quiet">${t('factor.remove-hint')}</p>
      <${Form} fields=${[{ name: 'password', kind: 'password', required: true, autocomplete: 'current-password' }]} save=${withdraw} submit=${t('factor.remove')} cancel=${() => setRemoving(false)} /><//>`}
  </section>`
}

/** @param {{found: Status, enrol: () => void, remove: () => void}} props */
function State({ found, enrol, remove }) {
  if (!found.enrolled) return html`<p class="quiet">${t('factor.hint')}</p><p><button type="button" class="button" onClick=${enrol}>${t('factor.enrol')}</button></p>`
  return html`<dl class="facts">
      <dt>${t('field.state')}</dt><dd><${Badge} of="factor-state" value="enrolled" /></dd>
      <dt>${t('security.since')}</dt><dd>${time(found.confirmed_at)}</dd>
      <dt>${t('factor.codes')}</dt><dd>${t('factor.codes-left', { count: found.recovery_codes_left })}</dd></dl>
    <p><button type="button" class="button danger" onClick=${remove}>${t('factor.remove')}</button></p>`
}

/** @param {Enrolment & {save: (given: any) => Promise<any>, close: () => void}} props */
function Enrol({ secret, otpauth_url: url, save, close }) {
  return html`<${Dialog} title=${t('factor.enrol')} close=${close}>
    <p>${t('factor.scan')}</p>
    <${QrCode} text=${url} label=${t('factor.picture')} />
    <p>${t('factor.or-type')} <a href=${url} target="_blank" rel="noreferrer" class="code">${secret.match(/.{1,4}/g)?.join(' ')}</a></p>
    <${Form} fields=${[{ name: 'code', required: true, autocomplete: 'one-time-code', label: t('factor.code') }]} save=${save} submit=${t('factor.confirm')} cancel=${close} />
  <//>`
}

/** @param {{codes: string[], close: () => void}} props */
function Codes({ codes, close }) {
  return html`<${Dialog} title=${t('factor.codes')}>
    <p>${t('factor.codes-hint')}</p>
    <ul class="codes">${codes.map((code) => html`<li key=${code} class="code">${code}</li>`)}</ul>
    <footer class="form-foot"><button type="button" class="button primary" onClick=${close}>${t('factor.codes-kept')}</button></footer>
  <//>`
}
