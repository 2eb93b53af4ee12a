import jupyter from '@jupyter/eslint-plugin';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Folders in order; a file may import from its own folder and from those below it. */
const LAYERS = [
  { target: 'tokens.ts', from: ['api', 'logic', 'model', 'components', 'panels', 'plugins'] },
  { target: 'logic', from: ['model', 'components', 'panels', 'plugins'] },
  { target: 'api', from: ['model', 'components', 'panels', 'plugins'] },
  { target: 'model', from: ['components', 'panels', 'plugins'] },
  { target: 'components', from: ['model', 'panels', 'plugins'] },
  { target: 'panels', from: ['plugins'] }
];
const ZONES = LAYERS.flatMap(({ target, from }) =>
  from.map(name => ({ target: `./src/${target}`, from: `./src/${name}` }))
);
/** Components and logic know the shapes on the wire, and nothing else of `api`. */
const WIRE_ONLY = ['components', 'logic'].map(target => ({
  target: `./src/${target}`,
  from: './src/api',
  except: ['./types.ts']
}));

export default tseslint.config(
  { ignores: ['lib', 'dist', 'hub-dist', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname }
    },
    plugins: { 'import-x': importX, 'react-hooks': reactHooks, jupyter },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      // The others of this plugin are about the React compiler, which is not used.
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones: [...ZONES, ...WIRE_ONLY] }],
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
      ],
      // Lumino's `connect(slot, this)` takes methods and binds them.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } }
      ],
      // React 18 still has the global name.
      '@typescript-eslint/no-deprecated': ['error', { allow: ['JSX'] }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error'
    }
  },
  {
    // Written by scripts/dto_types.py with the names of the server.
    files: ['src/api/types.ts'],
    rules: { '@typescript-eslint/naming-convention': 'off' }
  }
);
