import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { Provider } from 'urql'
import { expect, test } from 'vitest'
import { never } from 'wonka'
import { Calls } from '../../../app/_components/calls/calls.tsx'

test('until calls are told of, their section is there and says so', () => {
  const client = { executeSubscription: () => never } as never
  const html = renderToStaticMarkup(createElement(Provider, { value: client }, createElement(Calls, {})))
  expect(html).toMatch(/Calls<\/h2>.*Not told yet\./)
})
