import { Suspense } from 'react'
import { SignIn } from '../_components/shell/sign-in.tsx'

export const metadata = { title: 'Sign in' }

export default function SignInPage() {
  return (
    <Suspense>
      <SignIn />
    </Suspense>
  )
}
