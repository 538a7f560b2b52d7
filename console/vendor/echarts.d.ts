/** The part of ECharts that we call; its own types would bring 50 MB for these. */
export interface Chart {
  setOption(option: object, notMerge?: boolean): void
  resize(): void
  dispose(): void
}

declare global {
  interface Window { echarts: { init(frame: HTMLElement, theme: string | null): Chart } }
}
