/** Winning or losing a deal, with what decided it. */
import { get, post } from '../api.js'
import { today } from '../format.js'
import { has, t } from '../i18n.js'
import { useResource } from '../resource.js'
import { html } from '../ui.js'
import { Dialog } from './dialog.js'
import { worded } from './filters.js'
import { Form } from './form.js'
import { tell } from './toasts.js'

/** @param {{deal: any, outcome: string, close: () => void, done: () => void}} props */
export function CloseDeal({ deal, outcome, close, done }) {
  const won = outcome === 'won'
  const policy = useResource(() => get('/policies/in-force', { kind: 'pipeline', unit_id: deal.unit_id }), [deal.unit_id], { about: ['crm.organization.policy.'] })
  const { gates = {}, factors = [] } = policy.value?.body ?? {}
  const asked = (/** @type {string} */ name) => (gates[outcome] ?? []).includes(name)
  const choices = factors.map((/** @type {string} */ code) => [code, has(`factor.${code}`) ? t(`factor.${code}`) : code])
  const save = async (/** @type {any} */ given) => {
    await post(`/opportunities/${deal.id}/close`, {
      outcome,
      closed_on: given.closed_on,
      ...(given.amount ? { amount: given.amount } : {}),
      factors: given.factors.map((/** @type {string} */ code) => ({ code, effect: won ? 'helped' : 'hurt', ...(given.note ? { note: given.note } : {}) })),
      ...(given.competitor ? { competitor: { answer: given.competitor } } : {}),
    })
    tell(t(won ? 'closing.won' : 'closing.lost', { name: deal.name }))
    close()
    done()
  }
  const fields = /** @type {import('./form.js').Field[]} */ ([
    ...(won ? [{ name: 'amount', kind: 'money', required: true }] : []),
    { name: 'closed_on', kind: 'day', required: true },
    { name: 'factors', kind: 'choice', many: true, required: asked('factors'), choices, label: t(won ? 'closing.helped' : 'closing.hurt') },
    { name: 'competitor', kind: 'choice', required: asked('competitor'), choices: worded('competitor', ['none', 'unknown']), blank: t('field.choose') },
    { name: 'note', kind: 'long', label: t('field.note') },
  ])
  return html`<${Dialog} title=${t(won ? 'closing.win-title' : 'closing.lose-title', { name: deal.name })} close=${close}>
    <${Form} fields=${fields} values=${{ amount: deal.amount, closed_on: today() }} save=${save} submit=${t(won ? 'closing.win' : 'closing.lose')} cancel=${close} />
  <//>`
}
