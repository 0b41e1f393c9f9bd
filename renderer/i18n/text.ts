import { useI18n } from 'vue-i18n'
import type { Messages } from './en.ts'

/** Every message's address, `area.name`; a wrong one does not compile. */
export type MessageKey = {
  [A in keyof Messages]: `${A}.${Extract<keyof Messages[A], string>}`
}[keyof Messages]

export type TextParams = Record<string, string | number>

/** The text of a message in the page's language. With a parameter `n` the plural form for it is taken. */
export type Translate = (key: MessageKey, params?: TextParams) => string

/** The translator of the page's current language; reactive in templates. */
export function useText(): Translate {
  const { t } = useI18n({ useScope: 'global' })
  return (key, params = {}) => (typeof params.n === 'number' ? t(key, params, params.n) : t(key, params))
}
