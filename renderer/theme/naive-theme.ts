import type { GlobalThemeOverrides } from 'naive-ui'

interface Palette {
  accent: string
  accentHover: string
  accentPressed: string
  text: string
  textSoft: string
  textMuted: string
  line: string
  surface0: string
  surface1: string
  surface2: string
  surface3: string
  ok: string
  warn: string
  bad: string
  onAccent: string
}

/** The same colours as tokens.css, for Naive UI, which computes shades and so takes no CSS variables. */
const light: Palette = {
  accent: '#2563c9',
  accentHover: '#3474dd',
  accentPressed: '#1d4fa5',
  text: '#1b2430',
  textSoft: '#465364',
  textMuted: '#66738a',
  line: '#dde2e9',
  surface0: '#f3f5f8',
  surface1: '#ffffff',
  surface2: '#f7f9fb',
  surface3: '#edf0f4',
  ok: '#15803d',
  warn: '#b7740b',
  bad: '#bf2b2b',
  onAccent: '#ffffff',
}
const dark: Palette = {
  accent: '#6ea3f7',
  accentHover: '#8db8fb',
  accentPressed: '#5a8fe6',
  text: '#e2e8f1',
  textSoft: '#b4bfce',
  textMuted: '#8b98ab',
  line: '#29323f',
  surface0: '#0f141b',
  surface1: '#161c25',
  surface2: '#1a212b',
  surface3: '#232b37',
  ok: '#5fd08b',
  warn: '#d99a23',
  bad: '#f07474',
  onAccent: '#0c1524',
}

/** The theme of all Naive UI components: dense, calm, one accent. */
export function naiveTheme(isDark: boolean): GlobalThemeOverrides {
  const p = isDark ? dark : light
  const floating = isDark ? p.surface3 : p.surface1
  return {
    common: {
      fontFamily: 'var(--font-sans)',
      fontFamilyMono: 'var(--font-mono)',
      fontSize: '13px',
      fontSizeSmall: '13px',
      fontSizeMedium: '13px',
      fontWeightStrong: '600',
      borderRadius: '6px',
      borderRadiusSmall: '5px',
      heightSmall: '28px',
      heightMedium: '32px',
      primaryColor: p.accent,
      primaryColorHover: p.accentHover,
      primaryColorPressed: p.accentPressed,
      primaryColorSuppl: p.accent,
      successColor: p.ok,
      successColorSuppl: p.ok,
      warningColor: p.warn,
      warningColorSuppl: p.warn,
      errorColor: p.bad,
      errorColorHover: p.bad,
      errorColorPressed: p.bad,
      errorColorSuppl: p.bad,
      textColorBase: p.text,
      textColor1: p.text,
      textColor2: p.text,
      textColor3: p.textMuted,
      placeholderColor: p.textMuted,
      borderColor: p.line,
      dividerColor: p.line,
      bodyColor: p.surface0,
      cardColor: p.surface1,
      modalColor: p.surface1,
      popoverColor: floating,
      inputColor: isDark ? p.surface2 : p.surface1,
      hoverColor: p.surface3,
    },
    Button: {
      opacityDisabled: '0.75',
      colorDisabledPrimary: p.surface3,
      textColorDisabledPrimary: p.textMuted,
      borderDisabledPrimary: `1px solid ${p.line}`,
      textColorPrimary: p.onAccent,
      textColorHoverPrimary: p.onAccent,
      textColorPressedPrimary: p.onAccent,
      textColorFocusPrimary: p.onAccent,
      textColorError: p.onAccent,
      textColorHoverError: p.onAccent,
      textColorPressedError: p.onAccent,
      textColorFocusError: p.onAccent,
    },
    Input: { border: `1px solid ${p.line}` },
    Tooltip: { color: isDark ? p.surface3 : '#263142', textColor: isDark ? p.text : '#ffffff' },
    Tabs: { tabTextColorLine: p.textSoft, tabGapMediumLine: '22px', tabPaddingMediumLine: '8px 0' },
    Dropdown: { optionHeightMedium: '30px', color: floating },
    Dialog: { iconSize: '20px' },
  }
}
