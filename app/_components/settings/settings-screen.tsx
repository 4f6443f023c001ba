'use client'
import { Screen } from '../shell/screen.tsx'
import { Callers } from './callers.tsx'
import { SessionSection } from './session-section.tsx'
import { ThemeSection } from './theme-section.tsx'
import { Tokens } from './tokens.tsx'

export function SettingsScreen() {
  return (
    <Screen title="Settings">
      <div className="two-columns">
        <div>
          <Tokens />
          <Callers />
        </div>
        <div>
          <ThemeSection />
          <SessionSection />
        </div>
      </div>
    </Screen>
  )
}
