'use client'
import { useSearchParams } from 'next/navigation'
import { CallExplainer } from './call-explainer.tsx'
import { PastCall } from './past-call.tsx'

/** Where a call goes, or went, and why. Which of the two is in the address. */
export const Explainer = () => (useSearchParams().has('decision') ? <PastCall /> : <CallExplainer />)
