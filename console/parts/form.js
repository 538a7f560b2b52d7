/** Forms: fields by their description, errors where they belong, one submission at a time. */
import { Problem } from '../api.js'
import { localMoment, moment } from '../format.js'
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { html, useId, useState } from '../ui.js'
import { Icon, saying } from './basics.js'
import { CustomerPicker } from './customer-picker.js'

/** @typedef {'text' | 'long' | 'email' | 'phone' | 'password' | 'number' | 'money' | 'day' | 'moment' | 'choice' | 'yes'
 *   | 'product' | 'source' | 'unit' | 'user' | 'customer'} Kind
 * @typedef {{name: string, kind?: Kind, label?: string, required?: boolean, choices?: [string, string][], hint?: string,
 *   many?: boolean, autocomplete?: string, part?: (props: {name: string, value: any}) => any, write?: (value: any) => string}} Field
 * `part`: what is more than one input; it keeps its value as JSON in the input called `name`. `write`: its value in a line. */

/** The paths of what is chosen from a catalogue, and what its entries are called. */
const CATALOGUES = { product: '/products', source: '/sources', unit: '/units', user: '/users' }

/** @param {Field} field */
export const labelOf = (field) => field.label ?? t(`field.${field.name}`)

/** `save` gets the values in the API's shape; what it throws is shown at the fields it names.
 * @param {{fields: Field[], values?: Record<string, any>, save: (values: Record<string, any>) => Promise<any>,
 *   submit: string, cancel?: () => void, children?: any}} props */
export function Form({ fields, values = {}, save, submit, cancel, children }) {
  const [errors, setErrors] = useState(/** @type {Record<string, string[]>} */ ({}))
  const [general, setGeneral] = useState('')
  const [busy, setBusy] = useState(false)
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault()
    if (busy) return
    const form = /** @type {HTMLFormElement} */ (event.currentTarget)
    setBusy(true)
    setErrors({})
    setGeneral('')
    try {
      await save(read(form, fields))
    } catch (error) {
      show(error, fields, setErrors, setGeneral)
      requestAnimationFrame(() => /** @type {any} */ (form.querySelector('[aria-invalid=true]'))?.focus())
    } finally {
      setBusy(false)
    }
  }
  return html`<form class="form" onSubmit=${send} noValidate>
    ${fields.map((field) => html`<${Input} key=${field.name} field=${field} value=${values[field.name]} errors=${errors[field.name]} />`)}
    ${children}
    ${general && html`<p class="error" role="alert"><${Icon} name="circle-alert" />${general}</p>`}
    <footer class="form-foot">
      ${cancel && html`<button type="button" class="button" onClick=${cancel}>${t('action.cancel')}</button>`}
      <button type="submit" class="button primary" aria-disabled=${busy}>${busy ? t('state.saving') : submit}</button>
    </footer>
  </form>`
}

/** @param {any} error @param {Field[]} fields @param {(errors: any) => void} setErrors @param {(text: string) => void} setGeneral */
function show(error, fields, setErrors, setGeneral) {
  if (!(error instanceof Problem)) return setGeneral(saying(error))
  /** @type {Record<string, string[]>} */
  const mine = {}
  const elsewhere = []
  for (const [path, texts] of Object.entries(error.errors)) {
    const field = fields.find(({ name }) => path === name || path.startsWith(`${name}.`))
    if (field) mine[field.name] = texts
    else elsewhere.push(`${path}: ${texts.join(' ')}`)
  }
  setErrors(mine)
  if (!Object.keys(mine).length || elsewhere.length) setGeneral([error.message, ...elsewhere].filter(Boolean).join(' · '))
}

/** @param {{field: Field, value: any, errors?: string[]}} props */
function Input({ field, value, errors }) {
  const id = useId()
  const described = [errors && `${id}-error`, field.hint && `${id}-hint`].filter(Boolean).join(' ')
  const common = {
    id,
    name: field.name,
    required: field.required,
    'aria-invalid': errors ? 'true' : undefined,
    'aria-describedby': described || undefined,
    autocomplete: field.autocomplete ?? 'off',
  }
  if (field.kind === 'yes') {
    return html`<div class="field yes"><input ...${common} type="checkbox" defaultChecked=${Boolean(value)} /><label for=${id}>${labelOf(field)}</label>
      ${field.hint && html`<p class="hint" id=${`${id}-hint`}>${field.hint}</p>`}</div>`
  }
  if (field.part) {
    return html`<fieldset class="field"><legend>${labelOf(field)}</legend><${field.part} name=${field.name} value=${value} />
      ${errors && html`<p class="error">${errors.join(' ')}</p>`}</fieldset>`
  }
  return html`<div class="field"><label for=${id}>${labelOf(field)}${field.required && html`<span class="must" aria-hidden="true">*</span>`}</label>
    ${control(field, common, value)}
    ${field.hint && html`<p class="hint" id=${`${id}-hint`}>${field.hint}</p>`}
    ${errors && html`<p class="error" id=${`${id}-error`}>${errors.join(' ')}</p>`}
  </div>`
}

/** @param {Field} field @param {any} common @param {any} value */
function control(field, common, value) {
  switch (field.kind) {
    case 'long': return html`<textarea ...${common} rows="3" defaultValue=${value ?? ''}></textarea>`
    case 'choice': return html`<${Choice} common=${common} field=${field} value=${value} choices=${field.choices ?? []} />`
    case 'product': case 'source': case 'unit': case 'user':
      return html`<${Catalogued} common=${common} field=${field} value=${value} path=${CATALOGUES[field.kind]} />`
    case 'customer': return html`<${CustomerPicker} common=${common} />`
    case 'money': return html`<input ...${common} inputmode="decimal" defaultValue=${value?.amount ?? ''} />`
    case 'day': return html`<input ...${common} type="date" defaultValue=${value ?? ''} />`
    case 'moment': return html`<input ...${common} type="datetime-local" defaultValue=${value ? localMoment(value) : ''} />`
    case 'number': return html`<input ...${common} type="number" defaultValue=${value ?? ''} />`
    default: return html`<input ...${common} type=${TYPES[field.kind ?? 'text'] ?? 'text'} defaultValue=${value ?? ''} />`
  }
}

/** @type {Record<string, string>} */
const TYPES = { email: 'email', phone: 'tel', password: 'password' }

/** @param {{common: any, field: Field, value: any, choices: [string, string][]}} props */
function Choice({ common, field, value, choices }) {
  const chosen = field.many ? (value ?? []) : [value ?? '']
  return html`<select ...${common} multiple=${field.many}>
    ${!field.many && (!field.required || !value) && html`<option value="" selected=${!value}>${field.required ? t('field.choose') : t('field.none')}</option>`}
    ${choices.map(([key, text]) => html`<option key=${key} value=${key} selected=${chosen.includes(key)}>${text}</option>`)}
  </select>`
}

/** @param {{common: any, field: Field, value: any, path: string}} props */
function Catalogued({ common, field, value, path }) {
  const choices = useCatalogue(path).filter(({ active, closed_at: closed }) => active !== false && !closed)
  return html`<${Choice} key=${choices.length} common=${common} field=${field} value=${value} choices=${choices.map(({ id, name }) => [id, name])} />`
}

/** The values of `form` in the shape the API takes. @param {HTMLFormElement} form @param {Field[]} fields */
function read(form, fields) {
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(field, form.elements.namedItem(field.name))]))
}

/** @param {Field} field @param {any} input */
function valueOf(field, input) {
  if (field.part) return JSON.parse(input.value)
  if (field.kind === 'yes') return input.checked
  if (field.many) return Array.from(input.selectedOptions, (/** @type {any} */ option) => option.value)
  const text = field.kind === 'password' ? input.value : input.value.trim()
  if (text === '') return null
  if (field.kind === 'number') return Number(text)
  if (field.kind === 'money') return { amount: text.replaceAll(/[,，\s]/g, ''), currency: 'CNY' }
  return field.kind === 'moment' ? moment(text) : text
}
