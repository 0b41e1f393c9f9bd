import { createI18n, type I18n } from 'vue-i18n'
import { en, type Messages } from './en.ts'
import { ko } from './ko.ts'

export const languages = ['en', 'ko'] as const
export type Language = (typeof languages)[number]

type AppI18n = I18n<Record<Language, Messages>, Record<string, never>, Record<string, never>, Language, false>

/** The page's translations. Messages are interpreted, never compiled to code, as the page's CSP asks. */
export function createAppI18n(language: Language): AppI18n {
  return createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: 'en',
    messages: { en, ko },
    // Korean has one plural form; picking the last choice lets both languages share `a | b` messages.
    pluralRules: { ko: (_choice: number, choices: number) => choices - 1 },
  }) as unknown as AppI18n
}
