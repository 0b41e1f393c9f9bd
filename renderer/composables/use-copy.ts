import { useMessage } from 'naive-ui'
import { useText } from '../i18n/text.ts'

/** Copies text and says so. */
export function useCopy(): (text: string) => void {
  const message = useMessage()
  const t = useText()
  return (text) => {
    navigator.clipboard.writeText(text).then(
      () => message.success(t('common.copied')),
      () => message.error(t('common.copyFailed')),
    )
  }
}
