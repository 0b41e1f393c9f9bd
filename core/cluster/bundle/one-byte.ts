import type { Plugin } from 'vite'

/** By code units: a pair of escaped surrogates means the same character, in strings and in regular expressions. */
function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Writes characters beyond ASCII as escapes. V8 keeps a source in one byte per character where it can; a single arrow or
 * dash makes it two for the whole file.
 */
export function oneByte(): Plugin {
  return {
    name: 'one-byte',
    // After the bundler printed the code for the last time: it would turn them back.
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') file.code = file.code.replaceAll(/[^\0-\x7f]/g, escape)
      }
    },
  }
}
