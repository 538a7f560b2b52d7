/** A deal as it is entered: its fields, and the shape the API takes them in. */
import { t } from '../i18n.js'
import { worded } from './filters.js'

/** @typedef {import('./form.js').Field} Field */

const STAGES = ['prospecting', 'engaging', 'proposing', 'negotiating']

/** @param {string} [customer] the id of the customer it is for, when that is known
 * @returns {Field[]} */
export function dealFields(customer) {
  return [
    { name: 'name', required: true, label: t('field.deal-name') },
    .../** @type {Field[]} */ (customer ? [] : [{ name: 'customer_id', kind: 'customer' }]),
    { name: 'stage', kind: 'choice', choices: worded('stage', STAGES), required: true },
    { name: 'product_id', kind: 'product' },
    { name: 'amount', kind: 'money' },
    { name: 'expected_close_on', kind: 'day' },
  ]
}

/** @param {any} given */
export function dealShape({ product_id: product, amount, ...rest }) {
  const lines = product ? [{ product_id: product, quantity: '1', ...(amount ? { price: amount } : {}) }] : []
  return { ...rest, lines, ...(amount ? { amount } : {}) }
}
