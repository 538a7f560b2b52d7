/** Forms: fields by their description, errors where they belong, one submission at a time. */
import { Problem } from '../api.js'
import { localMoment, moment } from '../format.js'
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { html, useId, useState } from '../ui.js'
import { fieldName, Icon, saying } from './basics.js'
import { CustomerPicker } from './customer-picker.js'

/** @typedef {'text' | 'long' | 'email' | 'phone' | 'password' | 'number' | 'money' | 'day' | 'moment' | 'choice' | 'yes'
 *   | 'product' | 'source' | 'unit' | 'user' | 'customer'} Kind
 * @typedef {{name: string, kind?: Kind, label?: string, required?: boolean, choices?: [string, string][], hint?: string,
 *   blank?: string, many?: boolean, autocomplete?: string, part?: (props: {name: string, value: any}) => any, write?: (value: any) => string}} Field
 * `blank`: what choosing nothing is called. `part`: what is more than one input; it keeps its value as JSON in the input called `name`. `write`: its value in a line. */

/** The paths of what is chosen from a catalogue, and what its entries are called. */
const CATALOGUES = { product: '/products', source: '/sources', unit: '/units', user: '/users' }

/** Up to so many fields stand below each other; more stand in pairs, where there is room. */
const ONE_COLUMN = 3

/** A name was typed where one of a list is to be chosen. */
class Unchosen extends Error {
  /** @param {string[]} names of the fields */
  constructor(names) {
    super()
    this.names = names
  }
}

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
      const unchosen = fields.filter((field) => field.kind === 'customer' && isUnchosen(form, field))
      if (unchosen.length) throw new Unchosen(unchosen.map(({ name }) => name))
      await save(read(form, fields, values))
    } catch (error) {
      show(error, fields, setErrors, setGeneral)
      requestAnimationFrame(() => /** @type {any} */ (form.querySelector('[aria-invalid=true]'))?.focus())
    } finally {
      setBusy(false)
    }
  }
  return html`<form class=${fields.length > ONE_COLUMN ? 'form two' : 'form'} onSubmit=${send} noValidate>
    ${fields.map((field, at) => html`<${Input} key=${field.name} field=${field} wide=${at === 0 || WIDE.includes(field.kind ?? '') || field.many || field.part} value=${values[field.name]} errors=${errors[field.name]} />`)}
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
  if (error instanceof Unchosen) return setErrors(Object.fromEntries(error.names.map((name) => [name, [t('field.choose-listed')]])))
  if (!(error instanceof Problem)) return setGeneral(saying(error))
  /** @type {Record<string, string[]>} */
  const mine = {}
  const elsewhere = []
  for (const [path, texts] of Object.entries(error.errors)) {
    const field = fields.find(({ name }) => path === name || path.startsWith(`${name}.`))
    if (field) mine[field.name] = texts
    else elsewhere.push(`${fieldName(path)}: ${texts.join(' ')}`)
  }
  setErrors(mine)
  if (!Object.keys(mine).length || elsewhere.length) setGeneral([error.message, ...elsewhere].filter(Boolean).join(' · '))
}

/** What takes the whole breadth of a form. */
const WIDE = ['long', 'yes']

/** @param {{field: Field, value: any, wide: boolean, errors?: string[]}} props */
function Input({ field, value, wide, errors }) {
  const id = useId()
  const look = wide ? 'field wide' : 'field'
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
    return html`<div class="field wide yes"><input ...${common} type="checkbox" defaultChecked=${Boolean(value)} /><label for=${id}>${labelOf(field)}</label>
      ${field.hint && html`<p class="hint" id=${`${id}-hint`}>${field.hint}</p>`}</div>`
  }
  if (field.many) return html`<${Checks} field=${field} value=${value} described=${described} hint=${field.hint && `${id}-hint`} errors=${errors} />`
  if (field.part) {
    return html`<fieldset class=${look}><legend>${labelOf(field)}</legend><${field.part} name=${field.name} value=${value} />
      ${errors && html`<p class="error">${errors.join(' ')}</p>`}</fieldset>`
  }
  return html`<div class=${look}><label for=${id}>${labelOf(field)}${field.required && html`<span class="must" aria-hidden="true">*</span>`}</label>
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
  return html`<select ...${common}>
    ${(!field.required || !value) && html`<option value="" selected=${!value}>${field.blank ?? t(field.required ? 'field.choose' : 'field.none')}</option>`}
    ${choices.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === (value ?? '')}>${text}</option>`)}
  </select>`
}

/** Any of a few. @param {{field: Field, value: any, described: string, hint?: string, errors?: string[]}} props */
function Checks({ field, value = [], described, hint, errors }) {
  return html`<fieldset class="field wide" aria-describedby=${described || undefined}><legend>${labelOf(field)}</legend>
    <div class="checks">${(field.choices ?? []).map(([key, text]) => html`<label key=${key}><input type="checkbox" name=${field.name} value=${key} defaultChecked=${value.includes(key)} />${text}</label>`)}</div>
    ${field.hint && html`<p class="hint" id=${hint}>${field.hint}</p>`}
    ${errors && html`<p class="error">${errors.join(' ')}</p>`}</fieldset>`
}

/** @param {{common: any, field: Field, value: any, path: string}} props */
function Catalogued({ common, field, value, path }) {
  const choices = useCatalogue(path).filter(({ active, closed_at: closed }) => active !== false && !closed)
  return html`<${Choice} key=${choices.length} common=${common} field=${field} value=${value} choices=${choices.map(({ id, name }) => [id, name])} />`
}

/** The values of `form` in the shape the API takes; money keeps the currency it had.
 * @param {HTMLFormElement} form @param {Field[]} fields @param {Record<string, any>} before */
function read(form, fields, before) {
  return Object.fromEntries(fields.map((field) => {
    if (field.many) return [field.name, new FormData(form).getAll(field.name)]
    return [field.name, valueOf(field, form.elements.namedItem(field.name), before[field.name]?.currency)]
  }))
}

/** @param {HTMLFormElement} form @param {Field} field */
function isUnchosen(form, field) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(field.name))
  return !input.value && Boolean(field.required || input.dataset.typed)
}

/** @param {Field} field @param {any} input @param {string} [currency] */
function valueOf(field, input, currency = 'CNY') {
  if (field.part) return JSON.parse(input.value)
  if (field.kind === 'yes') return input.checked
  const text = field.kind === 'password' ? input.value : input.value.trim()
  if (text === '') return null
  if (field.kind === 'number') return Number(text)
  if (field.kind === 'money') return { amount: text.replaceAll(/[,，\s]/g, ''), currency }
  return field.kind === 'moment' ? moment(text) : text
}
