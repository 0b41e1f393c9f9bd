import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The text on the apply page; it survives going elsewhere and is where dropped files land. */
export const useManifestsStore = defineStore('manifests', () => {
  const text = ref('')

  /** Puts files behind what is there, as further YAML documents. */
  function append(parts: string[]): void {
    text.value =
      [text.value.trim(), ...parts.map((part) => part.trim())].filter(Boolean).join('\n---\n') + '\n'
  }
  return { text, append }
})
