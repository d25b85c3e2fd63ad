/** @file Lints the renderer's components and rune modules; everything else is oxlint's. */
import svelte from 'eslint-plugin-svelte';
import typescript from 'typescript-eslint';

export default [
  { ignores: ['out/**', 'node_modules/**'] },
  ...svelte.configs['flat/recommended'],
  {
    files: ['src/renderer/**/*.svelte', 'src/renderer/**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser, extraFileExtensions: ['.svelte'] } },
    plugins: { '@typescript-eslint': typescript.plugin },
    rules: {
      // Log text is hostile: it may only ever become a text node.
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // The content security policy refuses style attributes; `style:` directives set properties and pass.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'SvelteAttribute[key.name="style"]',
          message: 'Use a class or a style: directive: the CSP refuses style attributes.',
        },
      ],
      // Maps and sets that nothing on screen reads are plain on purpose.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': 'error',
    },
  },
];
