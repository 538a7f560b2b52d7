import js from '@eslint/js'
import globals from 'globals'

const READ_OUT = /\b(aria-label|title|placeholder|alt|label|caption|hint)="([^"]*)"/g
const LETTER = /\p{L}/u

/** Whoever reads Chinese must meet no English word, nor the reverse: what a template says itself, it says in one language. */
const catalogued = {
  meta: { type: 'problem', schema: [], messages: { outside: 'Outside the catalogues of console/i18n: {{text}}' } },
  create: (context) => ({
    TaggedTemplateExpression(node) {
      if (node.tag.name !== 'html') return
      const markup = node.quasi.quasis.map(({ value }) => value.cooked).join('{}')
      const texts = [...markup.split(/<[^>]*>/), ...Array.from(markup.matchAll(READ_OUT), ([, , said]) => said)]
      for (const text of texts) {
        if (LETTER.test(text)) context.report({ node, messageId: 'outside', data: { text: text.trim() } })
      }
    },
  }),
}

export default [
  { ignores: ['console/vendor/'] },
  js.configs.recommended,
  {
    plugins: { console: { rules: { catalogued } } },
    languageOptions: { ecmaVersion: 2023, globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'console/catalogued': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', 400],
      'no-console': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
]
