import { agrees } from './agrees.js';

const asked = {
  metadata: { name: 'https' },
  spec: { rules: [{ backendRefs: [{ name: 'http', port: 80 }] }] },
};
const found = (backends: object[], labels = {}): object => ({
  metadata: { name: 'https', uid: '0a3b', labels },
  spec: { rules: [{ backendRefs: backends, matches: [] }] },
});
const http = { kind: 'Service', name: 'http', port: 80, weight: 1 };

describe('an object in the cluster', () => {
  it.each([
    ['with what the API server fills in', [http], {}],
    ['with the mark of a tool that heals from Git', [http], { 'app.kubernetes.io/instance': 'game' }],
  ])('%s is as it is asked for', (_, backends, labels) => {
    expect(agrees(asked, found(backends, labels))).toBe(true);
  });

  it.each([
    ['with another value', [{ ...http, name: 'http-prod-v100001' }]],
    ['with one more element', [http, http]],
    ['with one less', []],
  ])('%s is not', (_, backends) => {
    expect(agrees(asked, found(backends))).toBe(false);
  });

  it('that lacks a part is not', () => {
    expect(agrees(asked, { metadata: { name: 'https' } })).toBe(false);
    expect(agrees(asked, undefined)).toBe(false);
  });
});
