// Runs before the first paint: nobody who chose dark is dazzled by a white page, and the words are asked for at once.
{
  const theme = localStorage.getItem('crm.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme

  // The language chosen here before, else the browser's, else Chinese.
  const kept = localStorage.getItem('crm.locale') ?? navigator.language.toLowerCase()
  const locale = kept.startsWith('en') ? 'en' : 'zh-CN'
  document.documentElement.lang = locale
  const words = document.createElement('link')
  Object.assign(words, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href: `/console/i18n/${locale}.json` })
  document.head.append(words)
}
