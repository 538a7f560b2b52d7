// Runs before the first paint, so that nobody who chose dark is dazzled by a white page.
{
  const theme = localStorage.getItem('crm.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
}
