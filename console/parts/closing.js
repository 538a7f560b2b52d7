/** Winning or losing a deal, with what decided it. */
import { post } from '../api.js'
import { today } from '../format.js'
import { t } from '../i18n.js'
import { html } from '../ui.js'
import { Dialog } from './dialog.js'
import { worded } from './filters.js'
import { Form } from './form.js'
import { tell } from './toasts.js'

const FACTORS = ['price', 'product', 'quality', 'service', 'delivery', 'relationship', 'decision_maker', 'timing', 'budget', 'brand', 'technical_fit', 'competitor_move']

/** @param {{deal: any, outcome: string, close: () => void, done: () => void}} props */
export function CloseDeal({ deal, outcome, close, done }) {
  const won = outcome === 'won'
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
    { name: 'factors', kind: 'choice', many: true, choices: worded('factor', FACTORS), label: t(won ? 'closing.helped' : 'closing.hurt') },
    { name: 'competitor', kind: 'choice', choices: worded('competitor', ['none', 'unknown']), blank: t('field.choose') },
    { name: 'note', kind: 'long', label: t('field.note') },
  ])
  return html`<${Dialog} title=${t(won ? 'closing.win-title' : 'closing.lose-title', { name: deal.name })} close=${close}>
    <${Form} fields=${fields} values=${{ amount: deal.amount, closed_on: today() }} save=${save} submit=${t(won ? 'closing.win' : 'closing.lose')} cancel=${close} />
  <//>`
}
