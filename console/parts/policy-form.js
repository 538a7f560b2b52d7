/** The form of a policy, made from the JSON Schema of its kind: every field with what units below may do with it. */
import { Problem } from '../api.js'
import { t } from '../i18n.js'
import { fieldName, written } from './policy-words.js'

/** @typedef {import('./form.js').Field} Field
 * @typedef {Record<string, any>} Schema
 * @typedef {{kind: string, schema: Schema, shipped: Record<string, any>}} Kind
 * @typedef {{body: Record<string, any>, marks: Record<string, string>}} Text */

const MARK = 'mark.'
/** The mark of a field that is left to the units above. */
const ABOVE = 'above'

/** Send a text; what is wrong with it is named as the form names its fields. @param {() => Promise<any>} send */
export async function sent(send) {
  try {
    return await send()
  } catch (error) {
    if (error instanceof Problem) error.errors = Object.fromEntries(Object.entries(error.errors).map(([path, texts]) => [path.replace(/^body\./, '').replace(/^marks\./, MARK), texts]))
    throw error
  }
}

/** @param {Kind} kind @returns {Record<string, Schema>} */
function properties({ schema }) {
  return resolved(schema, schema).properties
}

/** @param {Schema} part @param {Schema} schema @returns {Schema} */
function resolved(part, schema) {
  return part.$ref ? { ...schema.$defs[part.$ref.split('/').pop()], ...part, $ref: undefined } : part
}

/** The fields of a form for `kind`, each followed by its mark. @param {Kind} kind @returns {Field[]} */
export function fieldsOf(kind) {
  const spoken = resolved(kind.schema, kind.schema).required ?? []
  return Object.entries(properties(kind)).flatMap(([name, part]) => {
    const rules = resolved(part, kind.schema)
    const own = rules.properties
      ? Object.entries(rules.properties).map(([inner, each]) => field(`${name}.${inner}`, each, false))
      : [field(name, rules, spoken.includes(name))]
    return [...own, mark(name, rules, spoken.includes(name))]
  })
}

/** @param {string} name @param {Schema} rules @param {boolean} required @returns {Field} */
function field(name, rules, required) {
  const label = fieldName(name)
  const choice = (/** @type {string[]} */ values) => /** @type {[string, string][]} */ (values.map((value) => [value, written(value)]))
  if (rules.enum) return { name, label, kind: 'choice', required: true, choices: choice(rules.enum) }
  if (rules.type === 'boolean') return { name, label, kind: 'yes' }
  if (rules.type === 'integer') return { name, label, kind: 'number', required: true, hint: t('policy.between', { least: rules.minimum, most: rules.maximum }) }
  if (rules.items?.enum) return { name, label, kind: 'choice', many: true, choices: choice(rules.items.enum) }
  if (rules.type === 'array') return { name, label, kind: 'long', required: true, hint: t('policy.one-per-line') }
  return { name, label, kind: rules.maxLength > 500 ? 'long' : 'text', required }
}

/** @param {string} name @param {Schema} rules @param {boolean} spoken @returns {Field} */
function mark(name, rules, spoken) {
  const marks = rules['x-tighter'] ? ['free', 'tighten_only', 'fixed'] : ['free', 'fixed']
  const choices = /** @type {[string, string][]} */ (marks.map((value) => [value, t(`policy-mark.${value}`)]))
  const unsaid = /** @type {[string, string][]} */ (spoken ? [] : [[ABOVE, t('policy.as-above')]])
  return { name: MARK + name, label: t('policy.mark-of', { field: fieldName(name) }), kind: 'choice', required: true, choices: [...unsaid, ...choices] }
}

/** What the form shows at first: `text`, and where it is silent what holds now.
 * @param {Kind} kind @param {Text} text @param {Record<string, any>} held */
export function shown(kind, text, held) {
  const spoken = resolved(kind.schema, kind.schema).required ?? []
  /** @type {Record<string, any>} */
  const values = {}
  for (const [name, part] of Object.entries(properties(kind))) {
    const rules = resolved(part, kind.schema)
    const value = text.body[name] ?? held[name]
    if (rules.properties) for (const inner of Object.keys(rules.properties)) values[`${name}.${inner}`] = value[inner]
    else values[name] = rules.type === 'array' && !rules.items.enum ? value.join('\n') : value
    values[MARK + name] = text.marks[name] ?? (name in text.body || spoken.includes(name) ? 'free' : ABOVE)
  }
  return values
}

/** The text that was filled in. A field that says what holds anyway, and has no mark, is left to the units above.
 * @param {Kind} kind @param {Record<string, any>} given @param {Record<string, any>} held @returns {Text} */
export function textOf(kind, given, held) {
  /** @type {Text} */
  const text = { body: {}, marks: {} }
  for (const [name, part] of Object.entries(properties(kind))) {
    const value = valueOf(name, resolved(part, kind.schema), given)
    const said = given[MARK + name] === ABOVE ? null : given[MARK + name]
    if (said || JSON.stringify(value) !== JSON.stringify(held[name])) text.body[name] = value
    if (said) text.marks[name] = said
  }
  return text
}

/** @param {string} name @param {Schema} rules @param {Record<string, any>} given */
function valueOf(name, rules, given) {
  if (rules.properties) return Object.fromEntries(Object.keys(rules.properties).map((inner) => [inner, given[`${name}.${inner}`]]))
  if (rules.type === 'array' && !rules.items.enum) return String(given[name] ?? '').split(/\s+/).filter(Boolean)
  return given[name] ?? (rules.type === 'string' ? '' : null)
}
