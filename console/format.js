/** Numbers, money and times as the reader's language writes them. */
import { locale, t } from './i18n.js'

/** @typedef {{amount: string, currency: string}} Money */

const ZONE = 'Asia/Shanghai'

/** @param {Money | null | undefined} money */
export function money(money) {
  if (!money) return '–'
  const digits = { minimumFractionDigits: 0, maximumFractionDigits: 2 }
  const options = { style: 'currency', currency: money.currency, currencyDisplay: 'narrowSymbol', ...digits }
  return new Intl.NumberFormat(locale.value, /** @type {any} */ (options)).format(/** @type {any} */ (money.amount))
}

/** Money in few characters, for columns and axes: ¥128万, CN¥1.28M.
 * @param {Money | null | undefined} money */
export function shortMoney(money) {
  if (!money) return '–'
  const options = { style: 'currency', currency: money.currency, currencyDisplay: 'narrowSymbol' }
  const short = { ...options, notation: 'compact', maximumFractionDigits: 1 }
  return new Intl.NumberFormat(locale.value, /** @type {any} */ (short)).format(/** @type {any} */ (money.amount))
}

/** @param {number | null | undefined} value */
export function number(value) {
  return value == null ? '–' : new Intl.NumberFormat(locale.value).format(value)
}

/** @param {number | null | undefined} value a share, 0 to 1 */
export function percent(value) {
  return value == null ? '–' : new Intl.NumberFormat(locale.value, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)
}

/** Several names in one sentence. @param {string[]} names */
export function listed(names) {
  return new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(names)
}

/** `2026-Q1` as the reader says it. @param {string} quarter */
export function quarterName(quarter) {
  const [year, number] = quarter.split('-Q')
  return t('dashboard.quarter-name', { year, number })
}

/** A day, `2026-03-02`, without a time and so without a zone.
 * @param {string | null | undefined} day */
export function day(day) {
  if (!day) return '–'
  return new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
}

/** @param {string | null | undefined} at RFC 3339 */
export function time(at) {
  if (!at) return '–'
  return new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short', timeZone: ZONE }).format(new Date(at))
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const STEPS = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]]

/** How long ago or ahead `at` is: 3 天前, in 2 hours.
 * @param {string | null | undefined} at RFC 3339 */
export function ago(at) {
  if (!at) return '–'
  const seconds = (new Date(at).getTime() - Date.now()) / 1000
  const spoken = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' })
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return unit === 'second' ? t('time.now') : spoken.format(Math.trunc(seconds / size), unit)
}

/** The day in China at this moment, shifted by `days`: `2026-03-02`.
 * @param {number} [days] */
export function today(days = 0) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(new Date(Date.now() + days * 86400000))
}

/** The moment a `<input type="datetime-local">` names, read as China's time, RFC 3339.
 * @param {string} local */
export function moment(local) {
  return local ? `${local.length === 16 ? `${local}:00` : local}+08:00` : null
}

/** What a `<input type="datetime-local">` shows for `at`, in China's time.
 * @param {string} at RFC 3339 */
export function localMoment(at) {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' })
  return parts.format(new Date(at)).replace(' ', 'T')
}
