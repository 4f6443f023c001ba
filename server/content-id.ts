import { hash } from 'node:crypto'
import { canonicalJson } from './domain/canonical-json.ts'

/** A name made of content: 16 characters of base64url (96 bits of SHA-256), the same in every process. */
export const contentId = (value: unknown): string => textId(canonicalJson(value) ?? 'undefined')

/** The same of a text, for content that is always written in one way: a sixth of the cost. */
export const textId = (text: string): string => hash('sha256', text, 'base64url').slice(0, 16)
