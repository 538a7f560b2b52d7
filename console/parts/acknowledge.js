/** What a manager still has to read and say so. */
import { get, post } from '../api.js'
import { time } from '../format.js'
import { t } from '../i18n.js'
import { useResource } from '../resource.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'
import { Icon } from './basics.js'
import { titleOf } from './policy-words.js'
import { complain, tell } from './toasts.js'

/** @typedef {import('./policy-words.js').Policy} Policy */

/** The policies the reader has to acknowledge; nothing where there are none. @param {{done?: () => void}} props */
export function ToAcknowledge({ done }) {
  return may('policies:acknowledge') ? html`<${Waiting} done=${done} />` : null
}

/** @param {{done?: () => void}} props */
function Waiting({ done }) {
  const waiting = useResource(() => get('/policies', { to_acknowledge: true }), [], { about: ['crm.organization.policy.'] })
  const items = /** @type {Policy[]} */ (waiting.value?.items ?? [])
  if (!items.length) return null
  const known = async () => {
    await waiting.reload()
    done?.()
  }
  return html`<section class="card" aria-labelledby="waiting"><h2 id="waiting">${t('policy.to-acknowledge', { count: items.length })}</h2>
    <ul class="lines">${items.map((policy) => html`<li key=${policy.id}><${Icon} name="file-text" />
      <span class="grow"><a href=${`/policies/${policy.id}`}>${titleOf(policy)}</a>
        ${policy.acknowledge_by && html`<br /><span class="quiet">${t('policy.acknowledge-by', { at: time(policy.acknowledge_by) })}</span>`}</span>
      <${Acknowledge} policy=${policy} done=${known} /></li>`)}</ul></section>`
}

/** @param {{policy: Policy, done: () => any}} props */
export function Acknowledge({ policy, done }) {
  const [busy, setBusy] = useState(false)
  const act = async () => {
    if (busy) return
    setBusy(true)
    try {
      await post(`/policies/${policy.id}/acknowledgement`)
      tell(t('policy.acknowledged'))
      await done()
    } catch (error) {
      complain(error)
    }
    setBusy(false)
  }
  return html`<button type="button" class="button" aria-disabled=${busy} onClick=${act}><${Icon} name="check" />${t('policy.acknowledge')}<span class="unseen"> ${titleOf(policy)}</span></button>`
}
