/** Policies in the reader's words: what kinds, fields and values are called. */
import { number, time } from '../format.js'
import { has, t } from '../i18n.js'

/** @typedef {{id: string, kind: string, unit_id: string, state: string, number: number | null, body: Record<string, any>,
 *   marks: Record<string, string>, comment: string | null, version: number, author_id: string, approved_by: string | null,
 *   published_by: string | null, published_at: string | null, effective_from: string | null, withdrawn_from: string | null,
 *   acknowledge_by: string | null}} Policy */

/** What a policy is about, in a line. @param {{kind: string, body: Record<string, any>}} policy */
export function titleOf({ kind, body }) {
  return body.title ? String(body.title) : t(`policy-kind.${kind}`)
}

/** A field by its path, `gates.won`. @param {string} path @returns {string} */
export function fieldName(path) {
  const [field, inner] = path.split('.')
  if (field === 'marks') return t('policy.mark-of', { field: fieldName(inner) })
  return inner ? `${t(`policy-field.${field}`)} · ${t(`stage.${inner}`)}` : t(`policy-field.${field}`)
}

/** A value as it is read. @param {any} value @returns {string} */
export function written(value) {
  if (value == null || value === '') return '–'
  if (typeof value === 'boolean') return value ? t('policy.yes') : t('policy.no')
  if (typeof value === 'number') return number(value)
  if (Array.isArray(value)) return value.length ? value.map(written).join('、') : t('policy.nothing')
  if (typeof value === 'object') return Object.entries(value).map(([name, inner]) => `${t(`stage.${name}`)}: ${written(inner)}`).join(' · ')
  return wordFor(value)
}

/** @param {string} value */
function wordFor(value) {
  if (has(`policy-value.${value}`)) return t(`policy-value.${value}`)
  if (has(`policy-mark.${value}`)) return t(`policy-mark.${value}`)
  return has(`factor.${value}`) ? t(`factor.${value}`) : value
}

/** From when on a policy holds. @param {Policy} policy */
export function since({ state, effective_from: from, withdrawn_from: until }) {
  if (!from) return '–'
  return state === 'withdrawn' ? t('policy.until', { from: time(from), until: time(until) }) : time(from)
}
