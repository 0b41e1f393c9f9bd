import { useText } from '../i18n/text.ts'
import type { KindView } from '../kit/kind-view.ts'
import { pluralKind } from '../kit/plural-kind.ts'

/** The plural name of a kind in the page's language. */
export function useKindTitle(): (view: KindView) => string {
  const t = useText()
  return (view) => (view.title ? t(view.title) : pluralKind(view.resource))
}
