import os from 'node:os';
import { environment } from './environment.js';

jest.mock('node:os', () => ({ ...jest.requireActual<typeof os>('node:os'), userInfo: jest.fn() }));

describe('the account that gives a command', () => {
  const named = ['GITHUB_ACTOR', 'GITLAB_USER_LOGIN', 'BUILD_USER'];
  beforeEach(() => named.forEach((name) => delete process.env[name]));

  it('is that of the process', () => {
    jest.mocked(os.userInfo).mockReturnValue({ username: 'olga' } as never);
    expect(environment.operator).toBe('olga');
  });

  it('is told by its id where the system has no name for it, as in a container of OpenShift', () => {
    jest.mocked(os.userInfo).mockImplementation(() => {
      throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' });
    });
    expect(environment.operator).toBe(`uid-${process.getuid?.()}`);
  });
});
