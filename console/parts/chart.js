/** A chart with its figures as a table beneath: the picture for a glance, the table for everybody. */
import { t } from '../i18n.js'
import { html, useEffect, useRef } from '../ui.js'
import { isDark } from './preferences.js'
import { Table } from './table.js'

/** @param {{title: string, option: any, columns: import('./table.js').Column[], rows: any[]}} props */
export function Chart({ title, option, columns, rows }) {
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null))
  const chart = useRef(/** @type {any} */ (null))
  const dark = isDark()
  useEffect(() => {
    let gone = false
    /** @type {ResizeObserver | undefined} */
    let watch
    import('../vendor/echarts.js').then(() => {
      if (gone || !frame.current) return
      chart.current = /** @type {any} */ (window).echarts.init(frame.current, dark ? 'dark' : null)
      watch = new ResizeObserver(() => chart.current?.resize())
      watch.observe(frame.current)
      chart.current.setOption(framed(option))
    })
    return () => {
      gone = true
      watch?.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [dark])
  useEffect(() => { chart.current?.setOption(framed(option), true) }, [JSON.stringify(option)])
  return html`<section class="card"><h2>${title}</h2>
    <div class="chart" ref=${frame} role="img" aria-label=${t('chart.described', { title })}></div>
    <details class="figures"><summary>${t('chart.figures')}</summary><${Table} caption=${title} columns=${columns} rows=${rows} /></details>
  </section>`
}

/** The tooltip must draw on the canvas: the default writes inline styles, which the page's policy forbids. @param {any} option */
function framed(option) {
  const animation = !matchMedia('(prefers-reduced-motion: reduce)').matches
  return {
    backgroundColor: 'transparent',
    animation,
    color: ['#0f9b8e', '#4f7fd6', '#d98a2b', '#a06bd1', '#4aa564', '#d0605e'],
    grid: { left: 8, right: 48, top: 12, bottom: 8, containLabel: true },
    ...option,
    tooltip: { trigger: 'axis', renderMode: 'richText', ...option.tooltip },
  }
}
