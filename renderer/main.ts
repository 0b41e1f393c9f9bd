import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { retryStyleSheets } from './client/retry-style-sheets.ts'
import { createAppI18n } from './i18n/i18n.ts'
import { createAppRouter } from './router.ts'
import { usePreferencesStore } from './stores/preferences.ts'
import './theme/tokens.css'
import './theme/base.css'

const app = createApp(App)
app.use(createPinia())
const preferences = usePreferencesStore()
document.documentElement.dataset.theme = preferences.isDark ? 'dark' : 'light'
app.use(createAppI18n(preferences.language))
app.use(createAppRouter())
app.mount('#app')
void retryStyleSheets()
void preferences.load()
